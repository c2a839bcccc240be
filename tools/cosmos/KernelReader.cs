using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>Finds the kernel's class in an assembly that was written for Cosmos, and refuses what would silently not work.</summary>
internal static class KernelReader
{
    private const string BaseClass = "Cosmos.System.Kernel";
    private const string PlugAttribute = "IL2CPU.API.Attribs.Plug";
    private const string ResourceAttribute = "IL2CPU.API.Attribs.ManifestResourceStreamAttribute";

    /// <summary>Reads an assembly.</summary>
    /// <param name="file">The assembly.</param>
    /// <param name="references">Folder of the assemblies of <c>Kernel/Cosmos</c>.</param>
    /// <returns>The full name of the kernel's class, as C# writes it.</returns>
    /// <exception cref="KernelException">There is no kernel in it, or several, or one that cannot be made or relies on IL2CPU.</exception>
    public static string Read(string file, string references)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(file)));
        resolver.AddSearchDirectory(references);
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = resolver });
        List<TypeDefinition> types = [.. assembly.MainModule.GetTypes()];
        RefuseWhatIl2cpuDoes(file, types);

        List<TypeDefinition> kernels = [.. types.Where(type => type.IsClass && !type.IsAbstract && IsKernel(type))];
        if (kernels.Count != 1)
        {
            string found = kernels.Count == 0 ? "none" : string.Join(", ", kernels.Select(NameOf));
            throw new KernelException($"{file}: expected one class that derives from {BaseClass}, found {found}");
        }

        TypeDefinition kernel = kernels[0];
        bool constructible = kernel.Methods.Any(method => method.IsConstructor && !method.IsStatic && method.IsPublic && method.Parameters.Count == 0);
        if (!IsPublic(kernel) || kernel.HasGenericParameters || !constructible)
        {
            throw new KernelException($"{file}: {NameOf(kernel)}: expected a public class with a public constructor without parameters");
        }

        return NameOf(kernel);
    }

    private static void RefuseWhatIl2cpuDoes(string file, List<TypeDefinition> types)
    {
        List<string> plugs = [.. types.Where(type => Has(type, PlugAttribute)).Select(NameOf)];
        if (plugs.Count > 0)
        {
            throw new KernelException($"{file}: plugs are not applied here: {string.Join(", ", plugs)}");
        }

        List<string> fields = [.. types.SelectMany(type => type.Fields).Where(field => Has(field, ResourceAttribute)).Select(field => $"{NameOf(field.DeclaringType)}.{field.Name}")];
        if (fields.Count > 0)
        {
            throw new KernelException($"{file}: [ManifestResourceStream] fills no field here; read the resource with Assembly.GetManifestResourceStream: {string.Join(", ", fields)}");
        }
    }

    private static bool IsKernel(TypeDefinition type)
    {
        for (TypeReference? up = type.BaseType; up is not null; up = up.Resolve()?.BaseType)
        {
            if (up.FullName == BaseClass)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPublic(TypeDefinition type) => type.DeclaringType is null ? type.IsPublic : type.IsNestedPublic && IsPublic(type.DeclaringType);

    private static bool Has(ICustomAttributeProvider provider, string attribute) => provider.CustomAttributes.Any(a => a.AttributeType.FullName == attribute);

    private static string NameOf(TypeDefinition type) => type.FullName.Replace('/', '.');
}
