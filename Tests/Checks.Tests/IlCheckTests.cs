using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.IlCheck;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace CosmosKernel.Tests.Checks;

/// <summary>Each rule of the IL check is broken on purpose once, and the safe features of C# that look alike pass.</summary>
public sealed class IlCheckTests
{
    [Theory]
    [InlineData("System.Runtime.CompilerServices.Unsafe", "class C { int M(ref byte b) => System.Runtime.CompilerServices.Unsafe.As<byte, int>(ref b); }")]
    [InlineData("System.Runtime.InteropServices.MemoryMarshal", "class C { int M(System.Span<byte> s) => System.Runtime.InteropServices.MemoryMarshal.Read<int>(s); }")]
    [InlineData("System.Runtime.InteropServices.Marshal", "class C { int M(nint p) => System.Runtime.InteropServices.Marshal.ReadInt32(p); }")]
    [InlineData("System.Runtime.InteropServices.GCHandle.FromIntPtr", "class C { object M(nint p) => System.Runtime.InteropServices.GCHandle.FromIntPtr(p).Target; }")]
    [InlineData("System.Runtime.InteropServices.GCHandle.op_Explicit", "class C { object M(nint p) => ((System.Runtime.InteropServices.GCHandle)p).Target; }")]
    [InlineData("System.Runtime.InteropServices.GCHandle.AddrOfPinnedObject", "class C { nint M(System.Runtime.InteropServices.GCHandle h) => h.AddrOfPinnedObject(); }")]
    [InlineData("System.Runtime.InteropServices.NativeLibrary", "class C { nint M() => System.Runtime.InteropServices.NativeLibrary.Load(\"x\"); }")]
    [InlineData("System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject", "class C { object M() => System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(C)); }")]
    [InlineData("System.Runtime.CompilerServices.UnsafeAccessorAttribute", "class C { [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = \"_size\")] static extern ref int M(System.Collections.Generic.List<int> l); }")]
    [InlineData("System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute", "[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo(\"X\")] namespace System.Runtime.CompilerServices { class IgnoresAccessChecksToAttribute : System.Attribute { public IgnoresAccessChecksToAttribute(string s) { } } }")]
    [InlineData("System.Runtime.RuntimeExportAttribute", "namespace System.Runtime { class RuntimeExportAttribute : System.Attribute { } } class C { [System.Runtime.RuntimeExport] static void M() { } }")]
    [InlineData("System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute", "class C { [System.Runtime.InteropServices.UnmanagedCallersOnly] static void M() { } }")]
    [InlineData("DllImport", "class C { [System.Runtime.InteropServices.DllImport(\"libc\")] static extern int getpid(); }")]
    [InlineData("a body outside of IL", "class C { [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.InternalCall)] static extern int M(); }")]
    [InlineData("explicit layout", "using System.Runtime.InteropServices; [StructLayout(LayoutKind.Explicit)] struct S { [FieldOffset(0)] public long A; [FieldOffset(4)] public int B; }")]
    [InlineData("System.Runtime.Intrinsics", "class C { object M(ref int r) => System.Runtime.Intrinsics.Vector128.LoadUnsafe(ref r); }")]
    [InlineData("System.Reflection.Emit", "class C { object M() => new System.Reflection.Emit.DynamicMethod(\"x\", null, null); }")]
    [InlineData("System.RuntimeMethodHandle.GetFunctionPointer", "class C { nint M(System.RuntimeMethodHandle h) => h.GetFunctionPointer(); }")]
    [InlineData("mkrefany", "class C { int M(int x) { var r = __makeref(x); return 0; } }")]
    public void Unsafe_code_without_the_keyword_is_refused(string expected, string source)
    {
        IReadOnlyList<Finding> findings = Compiled.Check(source);

        Assert.Contains(findings, f => f.What.Contains(expected, System.StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("System.Security.UnverifiableCodeAttribute", "class C { }")]
    [InlineData("pointer System.Int32*", "unsafe class C { int* _p; }")]
    [InlineData("pointer System.Int32*", "class C { unsafe int M(int* p) => 0; }")]
    [InlineData("pointer System.Int32*", "class C { unsafe int M(int x) { int* p = &x; for (int i = 0; i < 4; i++) { p++; } return *p; } }")]
    [InlineData("function pointer", "unsafe class C { delegate*<int> _f; }")]
    [InlineData("instruction calli", "class C { unsafe int M(nint p) => ((delegate*<int>)p)(); }")]
    [InlineData("instruction ldftn", "class C { static int F() => 1; unsafe nint M() => (nint)(delegate*<int>)&F; }")]
    [InlineData("instruction localloc", "class C { unsafe int M(int n) { int* p = stackalloc int[n]; return p[0]; } }")]
    [InlineData("instruction ldind.i4", "class C { unsafe int M(nint p) => *(int*)(p + 4); }")]
    [InlineData("instruction stind.i4", "class C { unsafe void M(nint p, int v) => *(int*)(p + 4) = v; }")]
    [InlineData("instruction conv.u", "class C { unsafe nint M(int x) => (nint)(&x); }")]
    [InlineData("SkipLocalsInit", "class C { [System.Runtime.CompilerServices.SkipLocalsInit] int M() { System.Span<int> s = stackalloc int[4]; return s[1]; } }")]
    [InlineData("with a pointer", "class C { unsafe int M(nint p) => new System.Span<int>((void*)p, 4)[0]; }")]
    public void Unsafe_code_with_the_keyword_is_refused(string expected, string source)
    {
        IReadOnlyList<Finding> findings = Compiled.Check(source, allowUnsafe: true);

        Assert.Contains(findings, f => f.What.Contains(expected, System.StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("class C { int M(int n) { System.Span<int> s = stackalloc int[n]; s[0] = 1; return s.Length; } }")]
    [InlineData("class C { int M(int a) { System.Span<byte> s = stackalloc byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }; return s[a]; } }")]
    [InlineData("class C { int M(int a) { System.Span<int> s = stackalloc int[] { a, 2 }; return s[0]; } }")]
    [InlineData("class C { System.ReadOnlySpan<byte> M() => \"text\"u8; System.ReadOnlySpan<int> N() => [1, 2, 3]; }")]
    [InlineData("class C { System.Func<int, int> M(int k) => x => x + k; System.Action N() => System.Console.WriteLine; System.Func<string> O(object o) => o.ToString; }")]
    [InlineData("class C { System.Collections.Generic.List<int> M(int a) => [a, 2]; int N(int a) { System.ReadOnlySpan<int> s = [a, 3]; return s[0]; } }")]
    [InlineData("class C { void M(ref long x, ref nuint y, int z) { x += 1; y = (nuint)z; x = x * 2 + z; } int N(in int a, out int b) { b = a; return b; } }")]
    [InlineData("using System.Runtime.InteropServices; [StructLayout(LayoutKind.Explicit, Size = 16)] struct S { [FieldOffset(0)] public int A; [FieldOffset(8)] public object B; }")]
    [InlineData("class C { async System.Threading.Tasks.Task<int> M() { await System.Threading.Tasks.Task.Yield(); return 3; } System.Collections.Generic.IEnumerable<int> N() { yield return 1; } }")]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(4)] struct B { int _e; } class C { int M(int i) { B b = default; b[i] = 2; return b[1]; } }")]
    [InlineData("record struct R(int A, string B); class C { string M(R r) => $\"{r} {r with { A = 2 }}\"; int N(string s) => s switch { \"a\" => 1, \"b\" => 2, \"c\" => 3, \"d\" => 4, \"e\" => 5, \"f\" => 6, \"g\" => 7, _ => 0 }; }")]
    public void Safe_code_passes(string source)
    {
        Assert.Empty(Compiled.Check(source).Select(f => f.ToString()));
    }

    [Fact]
    public void A_finding_names_the_member_the_offset_and_the_source_line()
    {
        const string Source = "class C\n{\n    int M(ref byte b)\n    {\n        return System.Runtime.CompilerServices.Unsafe.As<byte, int>(ref b);\n    }\n}\n";

        Finding finding = Assert.Single(Compiled.Check(Source));

        Assert.Equal("C.M", finding.Where);
        Assert.Equal(1, finding.Offset);
        Assert.Equal(5, finding.Line);
        Assert.Equal("Snippet.cs", finding.File);
        Assert.StartsWith("Snippet.cs(5): error: Snippet: C.M at IL_0001: ", finding.ToString(), System.StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_copied_by_an_instruction_is_refused()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("ilcheck").FullName, "Emitted.dll");
        using (var assembly = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition("Emitted", new System.Version(1, 0)), "Emitted", ModuleKind.Dll))
        {
            ModuleDefinition module = assembly.MainModule;
            var type = new TypeDefinition("", "C", Mono.Cecil.TypeAttributes.Class, module.TypeSystem.Object);
            var method = new MethodDefinition("M", Mono.Cecil.MethodAttributes.Static, module.TypeSystem.Void);
            method.Parameters.Add(new ParameterDefinition(module.TypeSystem.IntPtr));
            ILProcessor il = method.Body.GetILProcessor();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4_8);
            il.Emit(OpCodes.Cpblk);
            il.Emit(OpCodes.Ret);
            type.Methods.Add(method);
            module.Types.Add(type);
            assembly.Write(path);
        }

        Assert.Contains(AssemblyChecker.Check(path, BannedList.Default()), f => f.What == "instruction cpblk");
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void An_exception_allows_what_it_names_and_says_when_nothing_needs_it()
    {
        Finding finding = Assert.Single(Compiled.Check("class C { int M(ref byte b) => System.Runtime.CompilerServices.Unsafe.As<byte, int>(ref b); }"));
        var allowed = AllowList.Parse(["C.M uses System.Runtime.CompilerServices.Unsafe* : looked at", "D.* uses * : gone"], "allow.txt");

        Assert.True(allowed.Allows(finding));
        Assert.False(allowed.Allows(finding with { Where = "C.N" }));
        Assert.Equal("allow.txt:2", Assert.Single(allowed.Unused));
    }

    [Theory]
    [InlineData("System.Foo")]
    [InlineData("System.Foo : ")]
    [InlineData(" : reason")]
    public void A_list_entry_without_name_or_reason_is_an_error_with_its_place(string line)
    {
        ListException error = Assert.Throws<ListException>(() => BannedList.Parse(["# comment", line], "list.txt"));

        Assert.StartsWith("list.txt:2: ", error.Message, System.StringComparison.Ordinal);
    }
}
