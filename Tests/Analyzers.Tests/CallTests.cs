using System.Linq;
using CosmosKernel.Analyzers.Calls;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>CKL010 to CKL015: what the rules see through calls.</summary>
public sealed class CallTests
{
    [Fact]
    public void NothingSleepsWhileAtomic() => Example.Check("""
        class Device
        {
            private SpinLock _spin = new(LockClass.Inner);
            private readonly Mutex _mutex = new(LockClass.Outer);
            [MightSleep] void Waits() { KernelTask.Sleep(1); }
            void Deep() { Deeper(); }
            void Deeper() { Waits(); }
            void InLock() { using (_spin.Enter()) { KernelTask.Sleep(1); } } // CKL010
            void Through() { using (_spin.Enter()) { Deep(); } } // CKL010
            [InterruptContext] void Interrupt() { Deep(); } // CKL010
            [AtomicContext] void Atomic() { Waits(); } // CKL010
            void InScope() { using (Preemption.Disable()) { Waits(); } Waits(); } // CKL010
            [MightSleep] void InMutex() { using (_mutex.Enter()) { Waits(); } }
            void TakesMutex() { using (_spin.Enter()) { using (_mutex.Enter()) { } } } // CKL010 CKL015
            void Monitor() { using (_spin.Enter()) { lock (_mutex) { } } } // CKL010 CKL015
            void Tries() { using (_spin.Enter()) { if (_mutex.TryAcquire()) { _mutex.Release(); } } } // CKL015
            void ByDelegate(Sleeper act) { using (_spin.Enter()) { act(); } } // CKL010
            [MightSleep] delegate void Sleeper();
        }
        """);

    [Fact]
    public void WhatOthersCanCallSaysThatItSleeps() => Example.Check("""
        public class Device
        {
            public void Wrong() { Hidden(); } // CKL011
            [MightSleep] public void Right() { Hidden(); }
            private void Hidden() { KernelTask.Sleep(1); }
            internal void Internal() { KernelTask.Sleep(1); }
            public void Locks() { lock (this) { } } // CKL011
            public int Size { get { Hidden(); return 1; } } // CKL011
        }
        class Base { public virtual void Act() { } }
        class Derived : Base { public override void Act() { KernelTask.Sleep(1); } } // CKL011
        class SleepyBase { [MightSleep] public virtual void Act() { } }
        class SleepyDerived : SleepyBase { public override void Act() { KernelTask.Sleep(1); } }
        """);

    [Fact]
    public void NothingIsAllocatedWhereForbidden() => Example.Check("""
        class Device
        {
            private SpinLock _spin = new(LockClass.Inner);
            [NoAllocation] object New() => new object(); // CKL012
            [NoAllocation] int[] Array() => new int[3]; // CKL012
            [NoAllocation] object Box(int n) => n; // CKL012
            [NoAllocation] string Text(int n) => $"{n}"; // CKL012
            [NoAllocation] string Concat(string a) => a + "x"; // CKL012
            [NoAllocation] Func<int> Closure(int n) => () => n; // CKL012
            [NoAllocation] void Params() { Many(1, 2); } // CKL012
            [NoAllocation] void Deep() { Middle(); } // CKL012
            [NoAllocation] void List(List<int> list) { list.Add(1); } // CKL012
            [NoAllocation] void Iterate(IEnumerable<int> all) { foreach (int one in all) { } }
            [InterruptContext] void Interrupt() { Middle(); } // CKL012
            void InLock() { using (_spin.Enter()) { Middle(); } Middle(); } // CKL012
            void Middle() { _ = new object(); }
            void Many(params int[] all) { }
            [NoAllocation] int Value() { Span<int> span = stackalloc int[4]; var pair = (1, 2); return span.Length + pair.Item1 + new DateTime(1).Day; }
            [NoAllocation] void Throws(int n) { if (n < 0) { throw new ArgumentException("n"); } }
            [NoAllocation] Func<int, int> Static() => static n => n;
            [NoAllocation] string Constant() => "a" + "b";
            [NoAllocation] ReadOnlySpan<byte> Bytes() => "abc"u8;
            [NoAllocation] int Switch(int n) => n switch { 0 => 1, 1 => 2 };
        }
        """);

    [Fact]
    public void InterruptsTakeOnlyLocksThatTurnThemOff() => Example.Check("""
        class Device
        {
            private SpinLock _spin = new(LockClass.Inner);
            private IrqSpinLock _irq = new(LockClass.Outer);
            [InterruptContext] void Wrong() { using (_spin.Enter()) { } } // CKL014
            [InterruptContext] void Right() { using (_irq.Enter()) { } }
            void Helper() { using (_spin.Enter()) { } }
            [InterruptContext] void Through() { Helper(); } // CKL014
            void Inside() { using (_irq.Enter()) { using (_spin.Enter()) { } } } // CKL014
            void Task() { using (_spin.Enter()) { } }
        }
        """);

    [Fact]
    public void LocksAreTakenInOrder() => Example.Check("""
        class Device
        {
            private IrqSpinLock _outer = new(LockClass.Outer);
            private IrqSpinLock _inner = new(LockClass.Inner);
            private IrqSpinLock _numbered;
            private IrqSpinLock _module = new(LockClasses.Register("module"));
            Device() { _numbered = new IrqSpinLock(LockClass.Numbered); }
            void Right() { using (_outer.Enter()) { using (_inner.Enter()) { } } }
            void Wrong() { using (_inner.Enter()) { using (_outer.Enter()) { } } } // CKL015
            void Through() { using (_inner.Enter()) { Takes(); } } // CKL015
            void Takes() { using (_outer.Enter()) { } }
            static void Two(Device a, Device b) { using (a._outer.Enter()) { using (b._outer.Enter()) { } } } // CKL015
            static void Ascending(Device a, Device b) { using (a._numbered.Enter()) { using (b._numbered.Enter()) { } } }
            void Registered() { using (_module.Enter()) { using (_outer.Enter()) { } } }
            void Between() { using (_numbered.Enter()) { using (_inner.Enter()) { } } }
        }
        """);

    [Fact]
    public void AttributesCarrySleepAcrossAssemblies()
    {
        CSharpCompilation below = Example.Compile("Below", "public static class Low { [MightSleep] public static void Waits() { KernelTask.Sleep(1); } public static void Runs() { } }");
        Diagnostic found = Assert.Single(Example.Diagnostics(
            "class High { private SpinLock _spin = new(LockClass.Inner); void Use() { using (_spin.Enter()) { Low.Runs(); Low.Waits(); } } }", below.ToMetadataReference()));
        Assert.Equal("CKL010", found.Id);
    }

    [Fact]
    public void AProgramThatSeesAllAssembliesSeesMore()
    {
        // The compiler cannot see that Low allocates and takes Outer; who looks at both assemblies in turn can.
        CSharpCompilation below = Example.Compile("Below", """
            public static class Low
            {
                private static SpinLock s_outer = new(LockClass.Outer);
                public static object Makes() => new object();
                public static void Takes() { using (s_outer.Enter()) { } }
            }
            """);
        CSharpCompilation above = Example.Compile(
            "Above",
            "class High { private SpinLock _inner = new(LockClass.Inner); void Use() { using (_inner.Enter()) { Low.Takes(); } } [NoAllocation] void Hot() { Low.Makes(); } }",
            below.ToMetadataReference());
        var program = new ProgramSummary();
        Assert.Empty(Analyze(below, program));
        Assert.Equal(["CKL012", "CKL015"], Analyze(above, program));
        Assert.Empty(Analyze(above, new ProgramSummary()));
    }

    private static string[] Analyze(CSharpCompilation compilation, ProgramSummary program) =>
        [.. compilation.WithAnalyzers([new KernelAnalyzer(program)]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult()
            .Where(one => one.Location.SourceTree?.FilePath == "Example.cs").Select(one => one.Id).Order()];
}
