using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>Finds the kernel's class in an assembly that was written for Cosmos.</summary>
internal static class KernelReader
{
    private const string BaseClass = "Cosmos.System.Kernel";

    /// <summary>Reads an assembly.</summary>
    /// <param name="file">The assembly.</param>
    /// <param name="references">Folder of the assemblies of <c>Kernel/Cosmos</c>.</param>
    /// <param name="start">The project's StartupObject, which says which class it is if there are several; empty for none.</param>
    /// <returns>The full name of the kernel's class, as C# writes it.</returns>
    /// <exception cref="KernelException">There is no kernel in it, or several, or one that cannot be made.</exception>
    public static string Read(string file, string references, string start = "")
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(file)));
        resolver.AddSearchDirectory(references);
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = resolver });
        List<TypeDefinition> types = [.. assembly.MainModule.GetTypes()];
        List<TypeDefinition> kernels = [.. types.Where(type => type.IsClass && !type.IsAbstract && IsKernel(type))];
        string found = kernels.Count == 0 ? "none" : string.Join(", ", kernels.Select(NameOf));
        if (start.Length > 0)
        {
            kernels.RemoveAll(type => NameOf(type) != start);
            if (kernels.Count == 0)
            {
                throw new KernelException($"{file}: StartupObject names {start}; expected a class that derives from {BaseClass}, found {found}");
            }
        }

        if (kernels.Count != 1)
        {
            string hint = kernels.Count > 1 ? "; <StartupObject> in the project says which" : "";
            throw new KernelException($"{file}: expected one class that derives from {BaseClass}, found {found}{hint}");
        }

        TypeDefinition kernel = kernels[0];
        bool constructible = kernel.Methods.Any(method => method.IsConstructor && !method.IsStatic && method.IsPublic && method.Parameters.Count == 0);
        if (!IsPublic(kernel) || kernel.HasGenericParameters || !constructible)
        {
            throw new KernelException($"{file}: {NameOf(kernel)}: expected a public class with a public constructor without parameters");
        }

        return NameOf(kernel);
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

    private static string NameOf(TypeDefinition type) => type.FullName.Replace('/', '.');
}
