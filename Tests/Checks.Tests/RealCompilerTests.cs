using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.ObjCheck.Code;
using CosmosKernel.Tools.ObjCheck.Rules;
using CosmosKernel.Tools.ObjCheck.Walk;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace CosmosKernel.Tests.Checks;

/// <summary>The object check on what ILC really makes, with the options of the kernel's build and the kernel's own rules for names.</summary>
public sealed class RealCompilerTests(RealCompilerTests.Compilation compilation) : IClassFixture<RealCompilerTests.Compilation>
{
    [Theory]
    [InlineData("Allocate", "allocation: RhpNewArray")]
    [InlineData("Box", "allocation: RhpNewFast")]
    [InlineData("Concatenate", "allocation: ")]
    [InlineData("Throw", "throw: RhpThrowEx")]
    [InlineData("ConstructLazily", "class-constructor: [static base of Snippet.Lazy]")]
    [InlineData("ThreadStatic", "thread-static: ")]
    [InlineData("Lock", "monitor: System.Threading.Monitor.Enter")]
    [InlineData("DispatchInterface", "interface-dispatch: [interface dispatch of ")]
    [InlineData("CallDelegate", "calls through a register or memory")]
    [InlineData("CallVirtual", "calls through a register or memory")]
    [InlineData("CallPointer", "calls through a register or memory")]
    [InlineData("Index", "throw: Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException")]
    [InlineData("Cast", "throw: ")]
    public void Each_forbidden_thing_is_found_in_compiled_code(string method, string problem)
    {
        List<Violation> violations = compilation.Walk($"entry Snippet.Entries.{method}");

        Assert.Contains(violations, v => v.Problem.Contains(problem, StringComparison.Ordinal));
        Assert.All(violations, v => Assert.Equal($"Snippet.Entries.{method}", v.Chain[0].Name));
    }

    [Theory]
    [InlineData("Clean")]
    [InlineData("Switch")]
    [InlineData("CallStatic")]
    [InlineData("UseConstructedStatics")]
    public void Code_that_a_kernel_context_may_run_passes(string method)
    {
        Assert.Empty(compilation.Walk($"entry Snippet.Entries.{method}").Select(v => v.Problem));
    }

    [Fact]
    public void A_failed_bounds_check_is_allowed_where_the_rules_say_so()
    {
        Assert.Empty(compilation.Walk(
            "entry Snippet.Entries.Index",
            "allow-cold Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException : a panic by design"));
    }

    [Fact]
    public void A_declared_virtual_call_reaches_every_override_without_naming_them()
    {
        List<Violation> violations = compilation.Walk(
            "entry Snippet.Entries.CallVirtual",
            "indirect Snippet.Entries.CallVirtual -> overrides Snippet.Handler");

        Violation violation = Assert.Single(violations);
        Assert.Equal("allocation: RhpNewArray", violation.Problem);
        Assert.Equal(["entry Snippet.Entries.CallVirtual", "calls indirectly Snippet.Allocating.Handle", "calls RhpNewArray"], violation.Chain.Select(s => $"{s.How} {s.Name}"));
        Assert.Equal("Snippet.cs:16", violation.Chain[^1].From);
    }

    [Fact]
    public void A_declared_virtual_call_does_not_excuse_the_call_of_a_delegate()
    {
        List<Violation> violations = compilation.Walk(
            "entry Snippet.Entries.CallDelegate",
            "indirect Snippet.Entries.* -> overrides Snippet.Handler");

        Assert.Contains("calls through a register or memory", Assert.Single(violations).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_function_of_the_object_decodes_to_its_last_byte()
    {
        var scanner = new FunctionScanner(compilation.Model);

        List<Function> bad = compilation.Model.Functions.Where(f => scanner.Scan(f).Exists(r => r.Kind == ReferenceKind.Undecodable)).ToList();

        Assert.Empty(bad);
        Assert.True(compilation.Model.Functions.Count() > 500);
    }

    /// <summary>One run of ILC for all tests of the class.</summary>
    public sealed class Compilation : IDisposable
    {
        private const string Source = """
            namespace System.Runtime { internal sealed class RuntimeExportAttribute(string entry) : System.Attribute { public string Entry => entry; } }
            namespace Snippet
            {
                using System;
                using System.Runtime;
                using System.Runtime.CompilerServices;

                public interface IShape { int Area(int n); }
                public sealed class Square : IShape { public int Area(int n) => n * n; }
                public sealed class Circle : IShape { public int Area(int n) => n * 3; }
                public sealed class Third : IShape { public int Area(int n) => n * 5; }
                public sealed class Fourth : IShape { public int Area(int n) => n * 7; }
                public sealed class Fifth : IShape { public int Area(int n) => n * 9; }

                public abstract class Handler { public abstract int Handle(int n); }
                public sealed class Allocating : Handler { public override int Handle(int n) => new byte[n].Length; }
                public sealed class Quiet : Handler { public override int Handle(int n) => n + 1; }
                public sealed class Calm : Handler { public override int Handle(int n) => n + 2; }
                public sealed class Idle : Handler { public override int Handle(int n) => n + 4; }
                public sealed class Still : Handler { public override int Handle(int n) => n + 8; }

                public static class Lazy { public static readonly object Gate = Environment.TickCount > 3 ? new object() : ""; }

                public static unsafe class Entries
                {
                    [ThreadStatic] private static int t_count;
                    public static IShape s_shape; public static Handler s_handler; public static Func<int, int> s_function; public static delegate*<int, int> s_pointer;
                    public static int[] s_array; public static object s_object; public static volatile int s_number; public static readonly int[] s_table = [1, 2, 3];

                    [RuntimeExport("EntryAllocate")] static int Allocate(int n) => new byte[n].Length;
                    [RuntimeExport("EntryBox")] static void Box(int n) => s_object = n;
                    [RuntimeExport("EntryConcatenate")] static string Concatenate(string a, string b) => a + b;
                    [RuntimeExport("EntryThrow")] static int Throw(int n) => n == 3 ? throw new InvalidOperationException() : n;
                    [RuntimeExport("EntryLazy")] static object ConstructLazily() => Lazy.Gate;
                    [RuntimeExport("EntryThread")] static int ThreadStatic(int n) => t_count += n;
                    [RuntimeExport("EntryLock")] static int Lock(object gate, int n) { lock (gate) { return n; } }
                    [RuntimeExport("EntryInterface")] static int DispatchInterface(int n) => s_shape.Area(n);
                    [RuntimeExport("EntryDelegate")] static int CallDelegate(int n) => s_function(n);
                    [RuntimeExport("EntryVirtual")] static int CallVirtual(int n) => s_handler.Handle(n);
                    [RuntimeExport("EntryPointer")] static int CallPointer(int n) => s_pointer(n);
                    [RuntimeExport("EntryIndex")] static int Index(int n) => s_array[n];
                    [RuntimeExport("EntryCast")] static object Cast() => (Quiet)s_object;
                    [RuntimeExport("EntryClean")] static int Clean(int n) { int sum = 0; for (int i = 0; i < n; i++) { sum += s_number; } return sum; }
                    [RuntimeExport("EntryStatic")] static int CallStatic(int n) => Plain(n) + Clean(n);
                    [RuntimeExport("EntryTable")] static int UseConstructedStatics() => s_table.Length;
                    [RuntimeExport("EntrySwitch")] static int Switch(int n) => n switch { 0 => s_number, 1 => s_number + 3, 2 => s_number * 3, 3 => s_number / 7, 4 => s_number ^ 5, 5 => s_number - 9, _ => 0 };
                    [RuntimeExport("EntrySetUp")] static void SetUp(int n)
                    {
                        s_shape = n switch { 1 => new Square(), 2 => new Circle(), 3 => new Third(), 4 => new Fourth(), _ => new Fifth() };
                        s_handler = n switch { 1 => new Allocating(), 2 => new Quiet(), 3 => new Calm(), 4 => new Idle(), _ => new Still() };
                        s_function = x => x + n;
                        s_pointer = &Plain;
                        s_array = new int[n];
                    }

                    [MethodImpl(MethodImplOptions.NoInlining)] static int Plain(int n) => n ^ 3;
                }
            }
            """;

        private readonly string _folder = Directory.CreateTempSubdirectory("objcheck").FullName;
        private readonly string[] _groups;

        /// <summary>Compiles the source and reads the object.</summary>
        public Compilation()
        {
            string root = FindRoot();
            string version = XDocument.Load(Path.Combine(root, "Directory.Build.props")).Descendants("IlcVersion").Single().Value;
            string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            string compiler = Path.Combine(packages, "runtime.linux-x64.microsoft.dotnet.ilcompiler", version);
            Assert.True(Directory.Exists(compiler), $"ILC {version} is not in {packages}; tools/build/restore.sh fetches it");
            string assembly = Path.Combine(_folder, "Snippet.dll");
            Compile(assembly, Path.Combine(compiler, "sdk", "System.Private.CoreLib.dll"));
            string objectFile = Path.Combine(_folder, "snippet.o");
            string statistics = Path.Combine(_folder, "snippet.mstat");
            RunCompiler(compiler, assembly, objectFile, statistics);

            var names = new SymbolNames();
            names.AddStatistics(statistics);
            Model = new CodeModel([ElfFile.Open(objectFile)], names);
            _groups = File.ReadLines(Path.Combine(root, "tools", "objcheck", "rules.txt")).TakeWhile(l => !l.StartsWith("every-context", StringComparison.Ordinal)).ToArray();
        }

        internal CodeModel Model { get; }

        /// <inheritdoc/>
        public void Dispose() => Directory.Delete(_folder, recursive: true);

        // The kernel's groups of forbidden names, with one context of the test's own.
        internal List<Violation> Walk(params string[] rules)
        {
            string[] forbidden = ["allocation", "throw", "class-constructor", "thread-static", "type-loader", "monitor", "interface-dispatch", "library"];
            var file = RuleFile.Parse([.. _groups, "context test", $"forbid {string.Join(' ', forbidden)}", .. rules], "rules.txt");
            return new Walker(Model).Walk(file.Contexts[0]);
        }

        private static string FindRoot()
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Directory.Build.props")))
            {
                folder = Path.GetDirectoryName(folder);
            }

            return folder ?? throw new InvalidOperationException("the tests run outside of the source tree");
        }

        private static void Compile(string path, string coreLibrary)
        {
            var text = SourceText.From(Source, System.Text.Encoding.UTF8);
            SyntaxTree tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.CSharp13), "Snippet.cs");
            var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true);
            CSharpCompilation compilation = CSharpCompilation.Create("Snippet", [tree], [MetadataReference.CreateFromFile(coreLibrary)], options);
            using FileStream assembly = File.Create(path);
            using FileStream symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
            EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
            Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        }

        private static void RunCompiler(string compiler, string assembly, string objectFile, string statistics)
        {
            string[] arguments =
            [
                assembly, $"-o:{objectFile}", $"--mstat:{statistics}", $"-r:{compiler}/sdk/*.dll", $"-r:{compiler}/framework/*.dll",
                "--targetos:linux", "--targetarch:x64", "--Ot", "-g", "--nativelib", "--noinlinetls", "--generateunmanagedentrypoints:System.Private.CoreLib",
                "--initassembly:System.Private.CoreLib", "--directpinvoke:libSystem.Native", "--feature:System.Globalization.Invariant=true",
            ];
            var start = new ProcessStartInfo(Path.Combine(compiler, "tools", "ilc"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"ILC failed: {output}{errors.Result}");
        }
    }
}
