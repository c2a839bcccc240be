using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using CosmosKernel.Tools.Cosmos;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Mono.Cecil;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Plugs, resource fields and X# functions: what is put in place works, what cannot be is named with file and line. <c>Tests/Cosmos/PluggedCosmos</c> has what only a kernel shows.</summary>
public sealed class RewriteTests : IDisposable
{
    private const string Target = """
        using System; using System.Collections.Generic; using IL2CPU.API.Attribs; using System.Runtime.CompilerServices;
        public class T
        {
            private int _field = 5; private static long s_field = 6;
            public int Of(int a) => a; public int Of(string a) => -1; public static int Static(int a) => a; public int Property => 0;
            public object Other(List<int> list) => list;
            public static string Run() => new T().Of(1) + " " + Static(1) + " " + new T().Property;
        }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cosmos-tests-");

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("public static int Of(T aThis, int a) => a + 40;", "41 1 0")]
    [InlineData("public static int Of(object aThis, int a) => a + 40;", "41 1 0")]
    [InlineData("public static int Of(int a) => a + 40;", "41 1 0")]
    [InlineData("public static int Static(int a) => a + 40;", "1 41 0")]
    [InlineData("public static int Static(int a, [FieldAccess(Name = \"System.Int64 T.s_field\")] ref long f) => (int)++f;", "1 7 0")]
    [InlineData("public static int get_Property(T aThis, [FieldAccess(Name = \"_field\")] ref int f) => ++f;", "1 1 6")]
    [InlineData("[PlugMethod(Signature = \"System_Int32__T_Of_System_Int32_\")] public static int Named(T aThis, int a) => 9;", "9 1 0")]
    [InlineData("public static void Ctor(T aThis, [FieldAccess(Name = \"_field\")] ref int f) => f = 8; public static int get_Property(T aThis, [FieldAccess(Name = \"_field\")] int f) => f;", "1 1 8")]
    [InlineData("[PlugMethod(Enabled = false)] public static int Of(T aThis, int a) => 0; [PlugMethod(IsOptional = true)] public static void None() { } private static void Helper() { }", "1 1 0")]
    public void APlugReplacesTheMethodThatItNames(string plugs, string expected) => Assert.Equal(expected, Run($"[Plug(Target = typeof(T))]\npublic static class P\n{{\n{plugs}\n}}"));

    [Theory]
    [InlineData("public static int None(T aThis) => 0;", "(12): error: the plug P.None replaces nothing: T has not a method None")]
    [InlineData("public static long Of(T aThis, int a) => a;", "the plug P.Of does not match what T has: System.Int32 Of(System.Int32); System.Int32 Of(System.String)")]
    [InlineData("public static int Of(T aThis, long a) => 0;", "does not match")]
    [InlineData("public static int Of(string aThis, int a) => 0;", "does not match")]
    [InlineData("[PlugMethod(Signature = \"System_Void__T_None__\")] public static void A(T aThis) { }", "T has not a method with the signature System_Void__T_None__")]
    [InlineData("public static int Static(int a, [FieldAccess(Name = \"System.Int64 T.none\")] ref long f) => 0;", "stands for no field: T has no System.Int64 T.none")]
    [InlineData("public static int Static(int a, [FieldAccess(Name = \"s_field\")] ref int f) => 0;", "is a System.Int32, and the field System.Int64 T::s_field is not")]
    [InlineData("public static int Static(int a) => 1; [PlugMethod(Signature = \"System_Int32__T_Static_System_Int32_\")] public static int Two(int a) => 2;", "T.Static is plugged already, at ")]
    [InlineData("[PlugMethod(Assembler = typeof(T))] public static int Static(int a) => 1;", "write an X# function")]
    [InlineData("[PlugMethod(IsWildcard = true)] public static int Static(int a) => 1;", "IsWildcard")]
    [InlineData("public static int Of([ObjectPointerAccess] T aThis, int a) => 1;", "ObjectPointerAccess")]
    public void WhatDoesNotFitIsNamedWithFileAndLine(string plugs, string expected)
    {
        string error = Assert.Single(Errors($"[Plug(Target = typeof(T))]\npublic static class P\n{{\n{plugs}\n}}"));
        Assert.StartsWith("/src/Plugs.cs(12): error: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Plug(\"No.Such, Anywhere\")] public static class P { public static void A() { } }", "/src/Plugs.cs: error: the plug P has no target: there is no type No.Such, Anywhere")]
    [InlineData("[Plug] public static class P { public static void A() { } }", "the plug P names no target")]
    [InlineData("[Plug(typeof(GC))] public static class P { public static void Collect() { } }", "System.GC.Collect cannot be plugged: it is the collector's")]
    [InlineData("[Plug(typeof(Math))] public static class P { public static double Sqrt(double d) => d; }", "System.Math.Sqrt cannot be plugged: the compiler knows")]
    [InlineData("[Plug(typeof(T))] [PlugField(FieldId = \"x\")] public static class P { }", "needs FieldId and FieldType")]
    [InlineData("public class R { [PlugMethod(PlugRequired = true)] public static void Needed() { } }", "R.Needed must be plugged")]
    [InlineData("public class R { [ManifestResourceStream(ResourceName = \"none\")] public static byte[]? Field; public void M() { } }", "R.Field: kernel.dll has no embedded resource none; it has the.resource")]
    [InlineData("public class R { [ManifestResourceStream(ResourceName = \"the.resource\")] public byte[]? Field; public void M() { } }", "R.Field: expected a static byte[] field")]
    [InlineData("public class R { [MethodImpl(MethodImplOptions.InternalCall)] public static extern void None(); }", "R.None has no body: no X# source of the project has 'namespace R' with 'function None'")]
    [InlineData("public class R { [MethodImpl(MethodImplOptions.InternalCall)] public extern void Known(); }", "expected a static method")]
    public void WhatCannotBeIsNamed(string source, string expected) => Assert.Contains(expected, Assert.Single(Errors(source)), StringComparison.Ordinal);

    [Fact]
    public void AResourceIsThereBeforeTheClassConstructorGoesOn() => Assert.Equal("content content", Run("""
        public static class R
        {
            [ManifestResourceStream(ResourceName = "the.resource")] public static byte[] Field = null!;
            private static readonly string s_text = System.Text.Encoding.ASCII.GetString(Field);
            public static string Run() => s_text + " " + System.Text.Encoding.ASCII.GetString(Field);
        }
        """, "R"));

    [Fact]
    public void AnExternMethodIsBoundToTheFunctionInXSharp()
    {
        using AssemblySet assemblies = Rewrite("namespace N { public class R { [MethodImpl(MethodImplOptions.InternalCall)] public static extern int Known(int a); } }", out Report report);
        Assert.Empty(report.Errors);
        CustomAttribute attribute = Assert.Single(assemblies.Find("kernel")!.MainModule.GetType("N.R").Methods.Single(method => method.Name == "Known").CustomAttributes, one => one.AttributeType.Name == "RuntimeImportAttribute");
        Assert.Equal("R_Known", attribute.ConstructorArguments[0].Value);
    }

    [Fact]
    public void APlugOfTheApiGivesWayToOneOfTheKernel()
    {
        // Both replace Static; the API's other plug has nothing in its way.
        using AssemblySet assemblies = Rewrite("[Plug(typeof(T))] public static class P { public static int Static(int a) => 41; }", out Report report, """
            [Plug("T, kernel")] public static class BuiltIn { public static int Static(int a) => 42; public static int Of(object aThis, int a) => 43; }
            """);
        Assert.Empty(report.Errors);
        TypeDefinition target = assemblies.Find("kernel")!.MainModule.GetType("T");
        Assert.Equal("P", CalledBy(target, "Static").DeclaringType.Name);
        Assert.Equal("BuiltIn", CalledBy(target, "Of").DeclaringType.Name);
    }

    private static MethodReference CalledBy(TypeDefinition type, string method) =>
        type.Methods.First(one => one.Name == method).Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>().Single();

    private IReadOnlyList<string> Errors(string source)
    {
        using AssemblySet assemblies = Rewrite(source, out Report report);
        return report.Errors;
    }

    // The text that Run of a class of the rewritten assembly gives.
    private string Run(string source, string type = "T")
    {
        using AssemblySet assemblies = Rewrite(source, out Report report);
        Assert.Empty(report.Errors);
        string output = Path.Combine(_folder.FullName, "out");
        bool isChanged = assemblies.Write(output) is ["kernel"];
        var context = new AssemblyLoadContext("kernel", isCollectible: true);
        using var api = File.OpenRead(Path.Combine(_folder.FullName, "IL2CPU.API.dll"));
        context.LoadFromStream(api);
        using var image = new MemoryStream(File.ReadAllBytes(Path.Combine(isChanged ? output : _folder.FullName, "kernel.dll")));
        return (string)context.LoadFromStream(image).GetType(type)!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, null)!;
    }

    private AssemblySet Rewrite(string source, out Report report, string? builtIn = null)
    {
        string top = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
        IEnumerable<string> attributes = Directory.GetFiles(Path.Combine(top, "Kernel/Cosmos/IL2CPU.API"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText);
        string api = Compile("IL2CPU.API", attributes);
        _ = Compile("kernel", [Target + source], api);
        if (builtIn is not null)
        {
            _ = Compile("builtin", ["using IL2CPU.API.Attribs;\n" + builtIn], api);
        }

        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var assemblies = new AssemblySet(null, _folder.FullName, runtime);
        report = new Report();
        AssemblyDefinition[] kernel = [assemblies.Find("kernel")!];
        var plugs = new Plugs(assemblies, CoreCode.Read(Path.Combine(top, "tools/cosmos/core.txt")), report);
        plugs.Apply(kernel, []);
        if (builtIn is not null)
        {
            plugs.ApplyBuiltIn([assemblies.Find("builtin")!]);
        }

        new Resources(assemblies, report).Apply(kernel);
        new AssemblyFunctions(assemblies, report).Apply(kernel, new HashSet<string> { "R_Known" });
        return assemblies;
    }

    private string Compile(string name, IEnumerable<string> sources, params string[] references)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] framework = ["System.Private.CoreLib.dll", "System.Runtime.dll", "System.Collections.dll"];
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            sources.Select(source => CSharpSyntaxTree.ParseText(source, path: "/src/Plugs.cs", encoding: Encoding.UTF8)),
            framework.Select(file => Path.Combine(runtime, file)).Concat(references).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        string path = Path.Combine(_folder.FullName, name + ".dll");
        var resource = new ResourceDescription("the.resource", () => new MemoryStream("content"u8.ToArray()), isPublic: true);
        using var image = File.Create(path);
        using var symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
        EmitResult result = compilation.Emit(image, symbols, manifestResources: [resource], options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return path;
    }
}
