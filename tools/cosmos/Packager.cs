using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Makes NuGet packages with the names of Cosmos's. Each has the reference assembly of one of ours, by which a compiler and an editor know the API; nothing of them runs. Projects of .NET 5 and later can use them: the
/// references to .NET's own assemblies ask for no later version. The same input gives the same bytes.
/// </summary>
internal static class Packager
{
    private const string Framework = "net5.0";
    private static readonly Version s_frameworkVersion = new(5, 0, 0, 0);
    private static readonly DateTimeOffset s_time = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Makes all packages.</summary>
    /// <param name="assemblies">Reference assemblies; the package has the assembly's name.</param>
    /// <param name="names">Names of packages that have nothing in them, because what they did needs nothing here.</param>
    /// <param name="version">Version of all.</param>
    /// <param name="output">Folder of the feed.</param>
    public static void Write(IEnumerable<string> assemblies, IEnumerable<string> names, string version, string output)
    {
        Directory.CreateDirectory(output);
        Dictionary<string, string> files = assemblies.ToDictionary(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);
        foreach ((string name, string file) in files.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            byte[] image = Lower(file, out List<string> references);
            WritePackage(output, name, version, [.. references.Where(files.ContainsKey)], ($"ref/{Framework}/{name}.dll", image));
        }

        foreach (string name in names.Where(name => !files.ContainsKey(name)))
        {
            WritePackage(output, name, version, [], ($"ref/{Framework}/_._", []));
        }
    }

    // The assembly as one for an older framework.
    private static byte[] Lower(string file, out List<string> references)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { InMemory = true });
        references = [.. assembly.MainModule.AssemblyReferences.Select(reference => reference.Name).Order(StringComparer.Ordinal)];
        foreach (AssemblyNameReference reference in assembly.MainModule.AssemblyReferences.Where(reference => reference.Version > s_frameworkVersion))
        {
            reference.Version = s_frameworkVersion;
        }

        foreach (CustomAttribute attribute in assembly.CustomAttributes.Where(attribute => attribute.AttributeType.Name == "TargetFrameworkAttribute"))
        {
            attribute.ConstructorArguments[0] = new CustomAttributeArgument(assembly.MainModule.TypeSystem.String, ".NETCoreApp,Version=v5.0");
            attribute.Properties.Clear();
        }

        using var image = new MemoryStream();
        assembly.Write(image, new WriterParameters { DeterministicMvid = true });
        return image.ToArray();
    }

    private static void WritePackage(string output, string name, string version, IReadOnlyList<string> dependencies, (string Path, byte[] Content) file)
    {
        string list = string.Concat(dependencies.Select(dependency => $"<dependency id=\"{dependency}\" version=\"{version}\" />"));
        string specification = $"""
            <?xml version="1.0" encoding="utf-8"?>
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{SecurityElement.Escape(name)}</id>
                <version>{version}</version>
                <authors>CosmosKernel</authors>
                <description>{SecurityElement.Escape($"The API of {name} for kernels that make cosmos builds and boots; for compilers and editors only.")}</description>
                <dependencies><group targetFramework="{Framework}">{list}</group></dependencies>
              </metadata>
            </package>

            """;
        string path = Path.Combine(output, $"{name}.{version}.nupkg");
        using var stream = new FileStream(path, FileMode.Create);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
        Add(archive, $"{name}.nuspec", System.Text.Encoding.UTF8.GetBytes(specification));
        Add(archive, file.Path, file.Content);
    }

    private static void Add(ZipArchive archive, string path, byte[] content)
    {
        ZipArchiveEntry entry = archive.CreateEntry(path);
        entry.LastWriteTime = s_time;
        using Stream to = entry.Open();
        to.Write(content);
    }
}
