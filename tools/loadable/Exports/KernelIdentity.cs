using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Mono.Cecil;

namespace CosmosKernel.Tools.Loadable.Exports;

/// <summary>What says whether a module fits a kernel: the exact build, and the module API.</summary>
internal static class KernelIdentity
{
    // What modules are compiled against by intent; the rest of the kernel they cannot name.
    private static readonly string[] s_api = ["CosmosKernel.Modules", "CosmosKernel.Tasks", "CosmosKernel.Locking"];

    /// <summary><c>vermagic</c>, <c>api</c> and <c>apihash</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Read(IReadOnlyList<string> assemblies, string options, string compiler)
    {
        using var build = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in assemblies.OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            build.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            build.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        build.AppendData(File.ReadAllBytes(options));
        build.AppendData(Encoding.UTF8.GetBytes(compiler));
        string identity = Convert.ToHexStringLower(build.GetHashAndReset())[..16];
        yield return new("vermagic", $"{Release(Find(assemblies, "CosmosKernel.Processes"))} {identity} x86-64");

        using var api = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in s_api)
        {
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Find(assemblies, name));
            foreach (string line in PublicSurface(assembly).Order(StringComparer.Ordinal))
            {
                api.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            }
        }

        using AssemblyDefinition modules = AssemblyDefinition.ReadAssembly(Find(assemblies, s_api[0]));
        yield return new("api", modules.Name.Version.ToString(3));
        yield return new("apihash", Convert.ToHexStringLower(api.GetHashAndReset())[..16]);
    }

    private static string Find(IReadOnlyList<string> assemblies, string name) =>
        assemblies.FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == name) ?? throw new LoadableException($"assembly '{name}' is not among the kernel's");

    // What uname -r says.
    private static string Release(string file)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
        TypeDefinition? names = assembly.MainModule.GetType("CosmosKernel.Processes.SystemNames");
        return names?.Fields.FirstOrDefault(f => f is { Name: "Release", HasConstant: true })?.Constant as string
            ?? throw new LoadableException($"{file}: has no constant SystemNames.Release");
    }

    private static IEnumerable<string> PublicSurface(AssemblyDefinition assembly)
    {
        foreach (TypeDefinition type in assembly.MainModule.GetTypes().Where(IsVisible))
        {
            yield return $"{type.Attributes & ~TypeAttributes.BeforeFieldInit} {type.FullName} : {type.BaseType?.FullName} {string.Join(' ', type.Interfaces.Select(i => i.InterfaceType.FullName).Order(StringComparer.Ordinal))}";
            foreach (MethodDefinition method in type.Methods.Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly))
            {
                yield return $"{method.FullName} {method.Attributes}";
            }

            foreach (FieldDefinition field in type.Fields.Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            {
                yield return $"{field.FullName} {field.Attributes} {field.Constant}";
            }
        }
    }

    private static bool IsVisible(TypeDefinition type) =>
        type.IsPublic || (type.IsNested && (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsVisible(type.DeclaringType));
}
