using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace CosmosKernel.Tests.Modules;

/// <summary>Assemblies from source texts, with symbols, as the build makes them.</summary>
internal sealed class Snippet : IDisposable
{
    /// <summary>The API as far as the tools look at it.</summary>
    private const string Api = """
        namespace CosmosKernel.Modules
        {
            public abstract class KernelModule { }
            public sealed class ModuleAttribute(string name) : System.Attribute
            {
                public string Name { get; } = name;
                public string Version { get; init; } = "1.0.0";
                public string Description { get; init; } = "";
                public string[] DependsOn { get; init; } = [];
            }
            public sealed class ModuleParameterAttribute(string description) : System.Attribute
            {
                public string Description { get; } = description;
                public long Minimum { get; init; }
                public long Maximum { get; init; }
                public int MaximumLength { get; init; }
                public bool IsWritable { get; init; }
            }
        }
        namespace CosmosKernel.Modules.Devices
        {
            [System.AttributeUsage(System.AttributeTargets.Class, AllowMultiple = true)]
            public sealed class MatchesPciAttribute(int vendor, int device = -1) : System.Attribute
            {
                public int Vendor { get; } = vendor;
                public int Device { get; } = device;
                public int Class { get; init; }
                public int ClassMask { get; init; }
            }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("modules");

    /// <summary>Compiles a source text; its file is Snippet.cs.</summary>
    /// <returns>The assembly.</returns>
    public string Compile(string source, bool withApi = true)
    {
        string path = Path.Combine(_folder.FullName, $"Snippet{Guid.NewGuid():n}.dll");
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        List<MetadataReference> references = [];
        foreach (string file in trusted.Split(Path.PathSeparator))
        {
            // The tests themselves have types of the same names.
            if (!Path.GetFileName(file).StartsWith("Modules.Tests", StringComparison.Ordinal))
            {
                references.Add(MetadataReference.CreateFromFile(file));
            }
        }

        var language = new CSharpParseOptions(LanguageVersion.CSharp13);
        List<SyntaxTree> trees = [CSharpSyntaxTree.ParseText(SourceText.From(source, System.Text.Encoding.UTF8), language, "Snippet.cs")];
        if (withApi)
        {
            trees.Add(CSharpSyntaxTree.ParseText(SourceText.From(Api, System.Text.Encoding.UTF8), language, "Api.cs"));
        }

        CSharpCompilation compilation = CSharpCompilation.Create("Snippet", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using FileStream assembly = File.Create(path);
        using FileStream symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
