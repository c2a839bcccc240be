using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>CKL003 to CKL009: which locks are held where.</summary>
public sealed class LockFlowTests
{
    [Fact]
    public void GuardedStateNeedsItsLock() => Example.Check("""
        class Device
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock))] private int _count;
            int Block() { using (_lock.Enter()) { return _count; } }
            int Declaration() { using IrqSpinLock.Guard guard = _lock.Enter(); return _count; }
            int Without() => _count; // CKL003
            void After() { using (_lock.Enter()) { _count++; } _count--; } // CKL003
            void Before() { _count--; using (_lock.Enter()) { _count++; } } // CKL003
            string Named() => nameof(_count);
            Device() { _count = 1; }
        }
        """);

    [Fact]
    public void TheLockIsThatOfTheSameObject() => Example.Check("""
        class Device
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock))] private int _count;
            private readonly Device? _next;
            static void Own(Device a) { using (a._lock.Enter()) { a._count++; } }
            static void Others(Device a, Device b) { using (a._lock.Enter()) { b._count++; } } // CKL003
            void Mine(Device a) { using (a._lock.Enter()) { _count++; } } // CKL003
            void Path() { using (_next!._lock.Enter()) { _next._count++; } }
            void Alias() { Device? next = _next; using (next!._lock.Enter()) { _next!._count++; } }
            static void Fresh() { var made = new Device(); made._count = 1; }
        }
        """);

    [Fact]
    public void PathsMeet() => Example.Check("""
        class Device
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock))] private int _count;
            [InterruptContext] void Pair() { _lock.AcquireWithInterruptsOff(); _count++; _lock.ReleaseWithInterruptsOff(); }
            [InterruptContext]
            void Some(bool take)
            {
                if (take) { _lock.AcquireWithInterruptsOff(); } // CKL005
                _count++; // CKL003
            }
            [InterruptContext]
            void Loop(int n)
            {
                _lock.AcquireWithInterruptsOff();
                while (n-- > 0) { _count++; _lock.ReleaseWithInterruptsOff(); _lock.AcquireWithInterruptsOff(); }
                _lock.ReleaseWithInterruptsOff();
            }
            int Thrown(int n) { using (_lock.Enter()) { if (n < 0) { throw new ArgumentException(); } return _count; } }
            int Caught() { try { using (_lock.Enter()) { return _count; } } catch (Exception) { return _count; } } // CKL003
            int Finally() { try { return 1; } finally { using (_lock.Enter()) { _count++; } } }
        }
        """);

    [Fact]
    public void TryEnterHoldsWhereTaken() => Example.Check("""
        class Device
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            private readonly Mutex _mutex = new(LockClass.Outer);
            [GuardedBy(nameof(_lock))] private int _count;
            [GuardedBy(nameof(_mutex))] private int _size;
            void Try() { using IrqSpinLock.Guard guard = _lock.TryEnter(); if (guard.Taken) { _count++; } }
            void Negated() { using IrqSpinLock.Guard guard = _lock.TryEnter(); if (!guard.Taken) { return; } _count++; }
            void Wrong() { using IrqSpinLock.Guard guard = _lock.TryEnter(); _count++; } // CKL003
            void Flag() { if (_mutex.TryAcquire()) { _size++; _mutex.Release(); } }
            void Variable() { bool taken = _mutex.TryAcquire(); if (!taken) { return; } _size++; _mutex.Release(); }
            void Forgotten() { if (_mutex.TryAcquire()) { _size++; } } // CKL005
        }
        """);

    [Fact]
    public void SeveralLocksAllToWriteOneToRead() => Example.Check("""
        class Device
        {
            private IrqSpinLock _a = new(LockClass.Outer);
            private IrqSpinLock _b = new(LockClass.Inner);
            [GuardedBy(nameof(_a)), GuardedBy(nameof(_b))] private int _count;
            int Read() { using (_b.Enter()) { return _count; } }
            void Write() { using (_a.Enter()) { using (_b.Enter()) { _count++; } } }
            void Half() { using (_a.Enter()) { _count++; } } // CKL003
        }
        """);

    [Fact]
    public void SharedIsEnoughToRead() => Example.Check("""
        class Table
        {
            private readonly ReadWriteLock _lock = new();
            [GuardedBy(nameof(_lock))] private int _count;
            [MightSleep] int Read() { using (_lock.EnterRead()) { return _count; } }
            [MightSleep] void Write() { using (_lock.EnterWrite()) { _count++; } }
            [MightSleep] void Wrong() { using (_lock.EnterRead()) { _count++; } } // CKL003
        }
        """);

    [Fact]
    public void AttemptsOfAReaderHoldInTheLoop() => Example.Check("""
        class Clock2
        {
            private readonly SequenceLock _lock = new();
            [GuardedBy(nameof(_lock))] private long _first;
            long Right() { long seen = 0; foreach (int _ in _lock.Read()) { seen = _first; } foreach (int _ in _lock.Read()) { } return seen; }
            void Write() { using (_lock.EnterWrite()) { _first++; } }
            void Wrong() { foreach (int _ in _lock.Read()) { _first++; } } // CKL003
            long After() { foreach (int _ in _lock.Read()) { } return _first; } // CKL003
        }
        """);

    [Fact]
    public void LockFreeReadsAreVolatile() => Example.Check("""
        class Device
        {
            private SpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock), LockFreeReads = true)] private int _count;
            [GuardedBy(nameof(_lock), LockFreeReads = true)] public int Size { get; private set; }
            int Right() => Volatile.Read(ref _count) + Size;
            int Plain() => _count; // CKL003
            void Store() { Size = 1; } // CKL003
            void Locked() { using (_lock.Enter()) { Size = _count; _count++; } }
        }
        """);

    [Fact]
    public void RequiredLocksAreHeld() => Example.Check("""
        class Queue
        {
            internal IrqSpinLock Lock = new(LockClass.Inner);
            [GuardedBy(nameof(Lock))] private int _count;
            [RequiresLock(nameof(Lock))] internal void Add() { _count++; Grow(); }
            [RequiresLock(nameof(Lock))] private void Grow() { }
            void Right() { using (Lock.Enter()) { Add(); } }
            void Wrong() { Add(); } // CKL004
            [RequiresLock("queue.Lock")] static void Put(Queue queue) { queue.Add(); queue._count++; }
            static void Caller(Queue q) { using (q.Lock.Enter()) { Put(q); } Put(q); } // CKL004
            [RequiresLock(typeof(Queue), nameof(Lock))] static void Any() { }
            static void OfAny(Queue q) { using (q.Lock.Enter()) { Any(); } Any(); } // CKL004
            [RequiresLock(nameof(Lock))] void Lambda() { Action act = () => _count++; act(); } // CKL003 CKL012
            [RequiresLock(nameof(Lock)), InterruptContext] void Unlocks() { Lock.ReleaseWithInterruptsOff(); } // CKL006
        }
        class Item
        {
            [GuardedBy(typeof(Queue), nameof(Queue.Lock))] public int Place { get; set; }
            static void Move(Queue q, Item item) { using (q.Lock.Enter()) { item.Place = 1; } item.Place = 2; } // CKL003
        }
        """);

    [Fact]
    public void MethodsThatTakeAndReleaseSaySo() => Example.Check("""
        class Queue
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock))] private int _count;
            [Acquires(nameof(_lock)), InterruptContext] void Lock() => _lock.AcquireWithInterruptsOff();
            [Releases(nameof(_lock)), InterruptContext] void Unlock() => _lock.ReleaseWithInterruptsOff();
            [InterruptContext] void Right() { Lock(); _count++; Unlock(); }
            [InterruptContext] void Left() { Lock(); _count++; } // CKL005
            [InterruptContext] void Stray() { _lock.ReleaseWithInterruptsOff(); } // CKL008
            [InterruptContext] void Silent() { _lock.AcquireWithInterruptsOff(); } // CKL005
            [Acquires(nameof(_lock)), InterruptContext] void Lies() { } // CKL006
            [Acquires(nameof(_lock))] IrqSpinLock.Guard Guarded() => _lock.Enter();
            void ByGuard() { using (Guarded()) { _count++; } _count--; } // CKL003
            void Dropped() { _lock.Enter(); } // CKL005
            void Disposed() { IrqSpinLock.Guard guard = _lock.Enter(); _count++; guard.Dispose(); }
            [InterruptContext] int Early(int n) { _lock.AcquireWithInterruptsOff(); if (n == 0) { return 0; } _lock.ReleaseWithInterruptsOff(); return 1; } // CKL005
        }
        """);

    [Fact]
    public void AMethodMayReturnWhatItHasLocked() => Example.Check("""
        class Queue
        {
            internal IrqSpinLock Lock = new(LockClass.Inner);
            [GuardedBy(nameof(Lock))] internal int Count;
            static Queue Get() => null!;
            [Acquires("return.Lock"), InterruptContext]
            static Queue LockOne()
            {
                Queue queue = Get();
                queue.Lock.AcquireWithInterruptsOff();
                return queue;
            }

            [Acquires("return.Lock"), InterruptContext]
            static Queue LockInLoop()
            {
                while (true)
                {
                    Queue queue = Get();
                    queue.Lock.AcquireWithInterruptsOff();
                    if (queue.Count == 1) { return queue; }
                    queue.Lock.ReleaseWithInterruptsOff();
                }
            }

            [InterruptContext] static void Right() { Queue queue = LockOne(); queue.Count++; queue.Lock.ReleaseWithInterruptsOff(); }
            [InterruptContext] static void Wrong(Queue other) { Queue queue = LockOne(); other.Count++; queue.Lock.ReleaseWithInterruptsOff(); } // CKL003
            [InterruptContext] static void Forgets() { Queue queue = LockOne(); } // CKL005
            [Releases(typeof(Queue), nameof(Lock)), InterruptContext] static void Finish() { Queue queue = Get(); queue.Count++; queue.Lock.ReleaseWithInterruptsOff(); }
            [InterruptContext] static void Switches(Queue queue) { queue.Lock.AcquireWithInterruptsOff(); Finish(); }
        }
        """);

    [Fact]
    public void ALockIsNotTakenTwice() => Example.Check("""
        class Device
        {
            private IrqSpinLock _lock = new(LockClass.Outer);
            private IrqSpinLock _other = new(LockClass.Inner);
            void Twice() { using (_lock.Enter()) { using (_lock.Enter()) { } } } // CKL007
            void Both() { using (_lock.Enter()) { using (_other.Enter()) { } } }
            void Again() { using (_lock.Enter()) { } using (_lock.Enter()) { } }
            [RequiresLock(nameof(_lock))] void Held() { using (_lock.Enter()) { } } // CKL006 CKL007
        }
        """);

    [Fact]
    public void DotNetLocksCountToo() => Example.Check("""
        class Registry
        {
            private readonly object _gate = new();
            private readonly Lock _lock = new();
            [GuardedBy(nameof(_gate))] private readonly List<int> _list = [];
            [GuardedBy(nameof(_lock))] private int _count;
            [MightSleep] void Right() { lock (_gate) { _list.Add(1); } }
            [MightSleep] void Statement() { lock (_lock) { _count++; } }
            [MightSleep] void Scope() { using (_lock.EnterScope()) { _count++; } }
            [MightSleep] void Pair() { _lock.Enter(); _count++; _lock.Exit(); }
            [MightSleep] void Wrong() { lock (_gate) { _count++; } _list.Clear(); } // CKL003 CKL003
            [MightSleep] int Return() { lock (_gate) { return _list.Count; } }
        }
        """);

    [Fact]
    public void AStructLockStaysWhereItIs() => Example.Check("""
        class Device
        {
            private SpinLock _lock = new(LockClass.Inner);
            private readonly SpinLock _fixed = new(LockClass.Inner);
            void Copy() { SpinLock copy = _lock; } // CKL009
            void Argument() { Take(_lock); } // CKL009
            static void Take(SpinLock given) { }
            static void TakeReference(ref SpinLock given) { }
            void Reference() { TakeReference(ref _lock); ref SpinLock alias = ref _lock; using (alias.Enter()) { } }
            void OnCopy() { using (_fixed.Enter()) { } } // CKL009
        }
        struct Part
        {
            private SpinLock _lock;
            readonly void Wrong() { using (_lock.Enter()) { } } // CKL009
            void Right() { using (_lock.Enter()) { } }
        }
        """);

    [Fact]
    public void PointersArePaths() => Example.Check("""
        struct Magazine { public SpinLock Lock; [GuardedBy(nameof(Lock))] public int Count; }
        unsafe class Cache
        {
            [Immutable] private Magazine* _magazines;
            void Right(int cpu) { Magazine* own = &_magazines[cpu]; using (own->Lock.Enter()) { own->Count++; } }
            void Wrong(int cpu) { Magazine* own = &_magazines[cpu]; own->Count++; } // CKL003
            static void Other(Magazine* a, Magazine* b) { using (a->Lock.Enter()) { b->Count++; } } // CKL003
            static void ByReference(ref Magazine own) { using (own.Lock.Enter()) { own.Count++; } }
        }
        """);

    [Fact]
    public void AGuardedPartThatGetsTheLockTakesItItself() => Example.Check("""
        struct Waiters { private int _n; public void Sleep(ref IrqSpinLock guard) { using (guard.Enter()) { _n++; } } public void Add() { _n++; } }
        class Event
        {
            private IrqSpinLock _lock = new(LockClass.Inner);
            [GuardedBy(nameof(_lock))] private Waiters _waiters;
            void Wait() { _waiters.Sleep(ref _lock); }
            void Wrong() { _waiters.Add(); } // CKL003
        }
        """);
}
