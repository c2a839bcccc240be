using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.IlCheck;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace CosmosKernel.Tests.Checks;

/// <summary>Compiles a snippet to an assembly on disk and checks it.</summary>
internal static class Compiled
{
    /// <summary>What the IL check finds in a source text, with the list of banned APIs that the build uses.</summary>
    public static IReadOnlyList<Finding> Check(string source, bool allowUnsafe = false)
    {
        string folder = Directory.CreateTempSubdirectory("ilcheck").FullName;
        try
        {
            string path = Path.Combine(folder, "Snippet.dll");
            Compile(source, path, allowUnsafe);
            return AssemblyChecker.Check(path, BannedList.Default());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Compiles with optimisation and a portable PDB, as the build does.</summary>
    public static void Compile(string source, string path, bool allowUnsafe)
    {
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        IEnumerable<MetadataReference> references = trusted.Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        var text = SourceText.From(source, System.Text.Encoding.UTF8);
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview), "Snippet.cs");
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: allowUnsafe);
        CSharpCompilation compilation = CSharpCompilation.Create("Snippet", [tree], references, options);
        using FileStream assembly = File.Create(path);
        using FileStream symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
