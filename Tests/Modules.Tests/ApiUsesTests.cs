using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.ApiCheck;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace CosmosKernel.Tests.Modules;

/// <summary>Modules that reach for more of the kernel than its API are refused by name, each way that there is.</summary>
public sealed class ApiUsesTests : IDisposable
{
    private const string Kernel = """
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Friend.Of.The.Kernel")]
        namespace Api
        {
            public class Timer { public void Start() { } internal void Steal() { } internal int Secret; protected virtual void Expired() { } public class Options { } internal class Inner { public static int X; } }
            internal static class Hidden { public static void Do() { } }
        }
        namespace Inside
        {
            public static class Registers { public static void Write(int number) { } public static int Count; }
            public class Table { public class Row { } }
            public sealed class MarkAttribute : System.Attribute { }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uses");
    private readonly string _kernel;
    private string[] _exceptions = [];

    public ApiUsesTests() => _kernel = Compile("CosmosKernel.Api", Kernel);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void WhatKeepsToTheApiPasses() => Assert.Empty(Find("Good", """
        class Mine : Api.Timer { protected override void Expired() => Start(); }
        class C { System.Collections.Generic.List<Api.Timer.Options> _list = [new()]; }
        """));

    [Theory]
    [InlineData("class C\n{\n    void M() => Inside.Registers.Write(3);\n}", "Inside.Registers", 3)]
    [InlineData("class C\n{\n    int M() => Inside.Registers.Count;\n}", "Inside.Registers", 3)]
    [InlineData("class C\n{\n    object M() => new System.Collections.Generic.List<Inside.Table>();\n}", "Inside.Table", 3)]
    [InlineData("class C\n{\n    object M() => typeof(Inside.Table.Row);\n}", "Inside.Table.Row", 3)]
    [InlineData("class C { Inside.Table _table = null!; }", "Inside.Table", 0)]
    [InlineData("class C : Inside.Table { }", "Inside.Table", 0)]
    [InlineData("[Inside.Mark] class C { }", "Inside.MarkAttribute", 0)]
    public void WhatIsNoApiIsRefusedByName(string source, string name, int line)
    {
        string error = Assert.Single(Find("Bad", source), error => error.Contains($" uses {name},", StringComparison.Ordinal));
        Assert.Contains($"module Bad uses {name}, which is not part of the module API", error, StringComparison.Ordinal);
        Assert.StartsWith(line > 0 ? $"Bad.cs({line}): error" : "error", error, StringComparison.Ordinal);
    }

    [Fact]
    public void OfATypeWhoseNameIsApiAttributesMaySpeakAndCodeMayNot()
    {
        const string attribute = "class SaysAttribute(System.Type type) : System.Attribute { public System.Type Type => type; } ";
        Assert.Empty(Find("Good", attribute + "[Says(typeof(Inside.Registers))] class C { }", "name Inside.Registers"));
        string error = Assert.Single(Find("Bad", "class C\n{\n    void M() => Inside.Registers.Write(3);\n}", "name Inside.Registers"));
        Assert.Equal("Bad.cs(3): error : module Bad uses Inside.Registers, which is part of the module API by its name only", error);
        Assert.Contains("or 'name TYPE'", Assert.Throws<ApiException>(() => ApiScope.Parse(["name Inside.*"], "file")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheApiNamesOnlyItself()
    {
        string kernel = Compile("CosmosKernel.Open", """
            namespace CosmosKernel.Inside { public class Base { } public class Row { public class Cell { } } public struct Word { } public interface IGives<T> { } }
            namespace CosmosKernel.Api { public class Good { public int Number; public Good Self() => this; } public class Child : CosmosKernel.Inside.Base, CosmosKernel.Inside.IGives<Good>
            { public void Take(System.Collections.Generic.List<CosmosKernel.Inside.Row.Cell[]> cells) { } protected ref CosmosKernel.Inside.Word Give() => throw null; private CosmosKernel.Inside.Base _hidden; } }
            """);
        List<string> open = ApiClosure.Find([kernel], ApiScope.Parse(["CosmosKernel.Api.*"], "file"));
        Assert.Equal(["CosmosKernel.Inside.Base", "CosmosKernel.Inside.IGives`1", "CosmosKernel.Inside.Row", "CosmosKernel.Inside.Word"], open.Select(line => line.Split(" names ")[1].Split(',')[0]));
        Assert.StartsWith("CosmosKernel.Api.Child.Take names CosmosKernel.Inside.Row, which is not part of the module API", open[2], StringComparison.Ordinal);
        Assert.Empty(ApiClosure.Find([kernel], ApiScope.Parse(["CosmosKernel.Api.*", "CosmosKernel.Inside.Row", "name CosmosKernel.Inside.Base", "name CosmosKernel.Inside.IGives`1", "CosmosKernel.Inside.Word"], "file")));
    }

    [Fact]
    public void ExceptionsAreForOneModuleAndAreNeeded()
    {
        const string source = "class C { void M() => Inside.Registers.Write(3); }";
        _exceptions = ["Bad uses Inside.Registers : looked at", "# nothing", "Other uses Inside.Table : of another module"];
        Assert.Empty(Find("Bad", source));
        _exceptions = ["Bad uses Inside.Registers : looked at", "Bad uses Inside.Table : gone"];
        Assert.Equal(["allow(2): error : module Bad does not use Inside.Table: the exception is not needed"], Find("Bad", source));
        Assert.Contains("allow(1): expected 'MODULE uses TYPE : REASON'", Assert.Throws<ApiException>(() => ApiExceptions.Parse(["Bad uses Inside.Table"], "allow")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("class C { void M(Api.Timer t) => t.Steal(); }", "Api.Timer.Steal")]
    [InlineData("class C { int M(Api.Timer t) => t.Secret; }", "Api.Timer.Secret")]
    [InlineData("class C { void M() => Api.Hidden.Do(); }", "Api.Hidden")]
    [InlineData("class C { int M() => Api.Timer.Inner.X; }", "Api.Timer.Inner")]
    public void WhoCallsItselfAFriendOfTheKernelGetsAtNothing(string source, string name) =>
        Assert.Contains(Find("Friend.Of.The.Kernel", source), error => error.Contains($"uses {name}, which is internal to the kernel", StringComparison.Ordinal));

    private List<string> Find(string name, string source, params string[] scope) => ApiUses.Find(Compile(name, source, _kernel), [_kernel], ApiScope.Parse(["Api.*", .. scope], "file"), ApiExceptions.Parse(_exceptions, "allow"));

    private string Compile(string name, string source, params string[] references)
    {
        string path = Path.Combine(_folder.FullName, name + ".dll");
        IEnumerable<string> trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(file => !Path.GetFileName(file).StartsWith("Modules.Tests", StringComparison.Ordinal));
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(SourceText.From("#nullable enable annotations\n#line 1 \"" + name + ".cs\"\n" + source, System.Text.Encoding.UTF8), new CSharpParseOptions(LanguageVersion.CSharp13), name + ".cs")],
            trusted.Concat(references).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using FileStream assembly = File.Create(path);
        using FileStream symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
