using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace CosmosKernel.Tools.Locks;

/// <summary>
/// The kernel's projects as compilations, made from the project files themselves: the sources beside a project file and the projects that it references. No build runs.
/// </summary>
internal sealed class KernelSources
{
    private static readonly string[] s_roots = ["Kernel", "Drivers", "Tests/Kernel"];

    private readonly string _root;
    private readonly IReadOnlyList<MetadataReference> _framework;
    private readonly Dictionary<string, CSharpCompilation> _compilations = new(StringComparer.Ordinal);
    private readonly List<(string Project, CSharpCompilation Compilation)> _ordered = [];

    private KernelSources(string root, IReadOnlyList<MetadataReference> framework)
    {
        _root = root;
        _framework = framework;
    }

    /// <summary>Opens all projects of the kernel, drivers and in-kernel tests.</summary>
    /// <param name="root">The folder of the whole tree.</param>
    /// <returns>Path of each project file relative to <paramref name="root"/>, and its compilation; what is referenced comes before what references it.</returns>
    public static IReadOnlyList<(string Project, CSharpCompilation Compilation)> Open(string root)
    {
        var sources = new KernelSources(root, Framework());
        IEnumerable<string> projects = s_roots.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/template/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (string project in projects)
        {
            sources.Load(Path.GetFullPath(project));
        }

        return sources._ordered;
    }

    // The framework that this program runs on stands in for the kernel's: no rule depends on the difference.
    private static List<MetadataReference> Framework() => [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll")
        .Select(path => MetadataReference.CreateFromFile(path))];

    private CSharpCompilation Load(string project)
    {
        if (_compilations.TryGetValue(project, out CSharpCompilation? known))
        {
            return known;
        }

        string folder = Path.GetDirectoryName(project)!;
        XDocument file = XDocument.Load(project);
        var imported = file.Descendants("Import")
            .Select(import => Expand((string)import.Attribute("Project")!, folder))
            .Where(File.Exists)
            .Select(path => (Folder: Path.GetDirectoryName(path)!, File: XDocument.Load(path)));
        IEnumerable<CSharpCompilation> references = imported.Append((Folder: folder, File: file))
            .SelectMany(part => part.File.Descendants("ProjectReference")
                .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false" && (string?)reference.Attribute("OutputItemType") != "Analyzer")
                .Select(reference => Expand((string)reference.Attribute("Include")!, part.Folder)))
            .Where(File.Exists)
            .Distinct()
            .Select(Load);
        string name = file.Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);

        // References are transitive, as MSBuild makes them.
        var all = new Dictionary<string, CSharpCompilation>(StringComparer.Ordinal);
        foreach (CSharpCompilation reference in references)
        {
            all[reference.AssemblyName!] = reference;
            foreach (CompilationReference below in reference.References.OfType<CompilationReference>())
            {
                all[below.Compilation.AssemblyName!] = (CSharpCompilation)below.Compilation;
            }
        }

        var parse = new CSharpParseOptions(LanguageVersion.CSharp13);
        List<SyntaxTree> trees = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => IsSourceOf(path, folder))
            .Order(StringComparer.Ordinal)
            .Select(path => CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(path)), parse, Path.GetRelativePath(_root, path)))];
        string extras = string.Concat(file.Descendants("InternalsVisibleTo")
            .Select(visible => $"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{(string)visible.Attribute("Include")!}\")]\n"));
        trees.Add(CSharpSyntaxTree.ParseText(SourceText.From(extras), parse, "Generated.cs"));
        bool isUnsafe = file.Descendants("AllowUnsafeBlocks").Any(value => value.Value == "true");
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            trees,
            _framework.Concat(all.Values.Select(reference => reference.ToMetadataReference())),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: isUnsafe, nullableContextOptions: NullableContextOptions.Enable));
        _compilations.Add(project, compilation);
        if (!file.Descendants("BreaksLockingRules").Any(value => value.Value == "true"))
        {
            _ordered.Add((Path.GetRelativePath(_root, project), compilation));
        }

        return compilation;
    }

    private string Expand(string path, string folder) => Path.GetFullPath(Path.Combine(folder, path
        .Replace("$(CosmosKernelRoot)", _root + "/", StringComparison.Ordinal)
        .Replace("$(MSBuildThisFileDirectory)", folder + "/", StringComparison.Ordinal)));

    // A project file in a subfolder takes that folder's sources.
    private static bool IsSourceOf(string path, string folder)
    {
        string relative = Path.GetRelativePath(folder, path);
        if (relative.StartsWith("obj/", StringComparison.Ordinal) || relative.StartsWith("bin/", StringComparison.Ordinal))
        {
            return false;
        }

        for (string inner = Path.GetDirectoryName(path)!; inner.Length > folder.Length; inner = Path.GetDirectoryName(inner)!)
        {
            if (Directory.EnumerateFiles(inner, "*.csproj").Any())
            {
                return false;
            }
        }

        return true;
    }
}
