using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>CKL001, CKL002, CKL020 to CKL024: each discipline must be declared and is verified.</summary>
public sealed class DisciplineTests
{
    [Fact]
    public void SharedMutableStateDeclaresItsDiscipline() => Example.Check("""
        class Device
        {
            private int _count; // CKL001
            private readonly int _size;
            private readonly int[] _table = []; // CKL001
            private readonly List<int> _list = []; // CKL001
            private IrqSpinLock _lock = new(LockClass.Inner);
            private static int s_all; // CKL001
            [ThreadStatic] private static int s_mine;
            public int Setting { get; set; } // CKL001
            public int Fixed { get; }
            public int AtStart { get; init; }
            public int Computed => _size;
            public event Action? Changed; // CKL001
            void Use() { Changed?.Invoke(); }
        }
        """);

    [Fact]
    public void StructsAreSharedOnlyIfTheyBringALock() => Example.Check("""
        struct Plain { public int Count; public static int All; } // CKL001
        struct Locked
        {
            public SpinLock Lock;
            public int Count; // CKL001
            [GuardedBy(nameof(Lock))] public int Counted;
        }
        ref struct Cursor { public int At; }
        """);

    [Fact]
    public void ExceptionsAndAttributesAreNotShared() => Example.Check("""
        class Failure : Exception { private int _code; public int Code { get => _code; set => _code = value; } }
        class MarkAttribute : Attribute { public string? Text { get; set; } }
        """);

    [Fact]
    public void ATypeDeclaresForItsFields() => Example.Check("""
        [GuardedBy(nameof(_lock))]
        class Device
        {
            private SpinLock _lock = new(LockClass.Inner);
            private int _count;
            [Atomic] private int _free;
            void Right() { using (_lock.Enter()) { _count++; } Volatile.Write(ref _free, 1); }
            void Wrong() { _count++; } // CKL003
        }
        [Owned] class Node { public Node? Next; public int Value; }
        [TaskPrivate] class Parser { private int _at; void Step() => _at++; }
        class Special : Node2 { private int _more; }
        [Owned] class Node2 { }
        """);

    [Fact]
    public void WhatHoldsAnOwnedObjectDeclares() => Example.Check("""
        [Owned] class Tree { public int Count; }
        class Device
        {
            private readonly Tree _wrong = new(); // CKL001
            private SpinLock _lock = new(LockClass.Inner);
            [Immutable] private readonly Tree _alsoWrong = new(); // CKL002
            [GuardedBy(nameof(_lock))] private readonly Tree _right = new();
            void Use() { _right.Count++; using (_lock.Enter()) { _right.Count++; } } // CKL003
        }
        """);

    [Fact]
    public void DeclarationsMeanSomething() => Example.Check("""
        class Device
        {
            private SpinLock _lock = new(LockClass.Inner);
            [GuardedBy("_nothing")] private int _a; // CKL002
            [GuardedBy(nameof(_a))] private int _b; // CKL002
            [GuardedBy(nameof(_lock)), Atomic] private int _c; // CKL002
            [Atomic] private decimal _d; // CKL002
            [GuardedBy(nameof(_lock), LockFreeReads = true)] private decimal _e; // CKL002
            [Protocol("trust")] private int _f; // CKL002
            [Protocol("The device writes it before its interrupt, the handler reads it after.")] private int _g;
            [RequiresLock("_nothing")] void A() { } // CKL002
            [Acquires] void B() { } // CKL002
            [RequiresLock("other._lock")] void C(Device other) { }
            [RequiresLock("other._look")] void D(Device other) { } // CKL002
            [RequiresLock(typeof(Device), nameof(_lock))] static void E() { }
        }
        """);

    [Fact]
    public void ImmutableIsWrittenBeforePublicationOnly() => Example.Check("""
        class Device
        {
            [Immutable] private int _size;
            [Immutable] private readonly int[] _table = new int[4];
            [Immutable] private static int s_limit;
            [Immutable] public string Name { get; set; } = "";
            Device(int size) { _size = size; _table[0] = size; Name = "x"; }
            void Wrong() { _size = 1; } // CKL020
            void WrongToo() { _table[1] = 2; } // CKL020
            void ByReference() { Interlocked.Increment(ref _size); } // CKL020
            int Read() => _size + _table[0] + Volatile.Read(ref _size);
            static Device Make() { var made = new Device(1); made._size = 3; return new Device(4) { Name = made.Name }; }
            static void Other(Device other) { other.Name = ""; } // CKL020
            [BeforePublication] static void Boot() { s_limit = 4; }
            [BeforePublication] void Set() { _size = 5; }
            static void Limit() { s_limit = 5; } // CKL020
            void Lambda() { Action act = () => _size++; act(); } // CKL020
        }
        """);

    [Fact]
    public void CollectionsThatAreImmutableDoNotGrow() => Example.Check("""
        class Device
        {
            [Immutable] private readonly List<int> _list = [1];
            Device() { _list.Add(2); }
            int Count() => _list.Count;
            void Grow() { _list.Add(3); } // CKL020
            void Change() { _list[0] = 3; } // CKL020
        }
        """);

    [Fact]
    public void AtomicGoesThroughVolatileAndInterlocked() => Example.Check("""
        class Device
        {
            [Atomic] private int _word;
            [Atomic] private volatile bool _stop;
            [Atomic] private readonly int[] _words = new int[4];
            [Atomic] public string Name { get; set; } = "";
            [Atomic] public int Count { get; private set; }
            void Right() { Volatile.Write(ref _word, 1); Interlocked.Increment(ref _word); _stop = true; Name = "x"; Interlocked.Increment(ref _words[1]); }
            int Plain() => _word; // CKL021
            void Store() { _word = 1; } // CKL021
            void Both() { Count++; } // CKL021
            int Element() => _words[2]; // CKL021
            int Length() => _words.Length;
            bool Stopped() => _stop;
            Device() { _word = 7; }
        }
        """);

    [Fact]
    public void PerCpuIsTouchedWhereTheTaskStays() => Example.Check("""
        class Queue
        {
            [PerCpu] private int _armed;
            private SpinLock _spin = new(LockClass.Inner);
            private readonly Mutex _mutex = new(LockClass.Outer);
            void Wrong() { _armed = 1; } // CKL022
            [InterruptContext] void Interrupt() { _armed = 1; }
            [AtomicContext] void Atomic() { _armed = 1; }
            void Spin() { using (_spin.Enter()) { _armed = 1; } }
            void Scope() { using (Preemption.Disable()) { _armed = 1; } _armed = 2; } // CKL022
            void Nested() { Preemption.Begin(); Preemption.Begin(); Preemption.End(); _armed = 1; Preemption.End(); }
            [MightSleep] void Sleeping() { using (_mutex.Enter()) { _armed = 1; } } // CKL022
            [PerCpu(ReadAnywhere = true)] public long Switches { get; private set; }
            [AtomicContext] void Counts() { Switches++; }
            long Reads() => Switches;
            void CountsAnywhere() { Switches++; } // CKL022
        }
        """);

    [Fact]
    public void TaskPrivateIsTouchedByItsTask() => Example.Check("""
        class Task2
        {
            public static Task2 Current => null!;
            [TaskPrivate] public int Depth { get; set; }
            void Own() { Depth++; Current.Depth++; }
            static void Mine() { Task2 task = Current; task.Depth = 1; }
            static void Others(Task2 task) { task.Depth = 1; } // CKL023
        }
        """);

    [Fact]
    public void BeforePublicationIsCalledBeforePublication() => Example.Check("""
        class Device
        {
            [Immutable] private int _size;
            Device() { Prepare(1); }
            [BeforePublication] void Prepare(int size) { _size = size; More(); }
            [BeforePublication] void More() { }
            static Device Make() { var made = new Device(); made.Prepare(2); return made; }
            void Late() { Prepare(3); } // CKL024
        }
        """);
}
