using System.Threading;
using CosmosKernel.Locking.ReadCopyUpdate;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Tests.Deferred;

/// <summary>Readers that are preempted, moved and interrupted inside their sections, and writers that poison what they took out of reach as soon as RCU lets them.</summary>
internal static class RcuTorture
{
    /// <summary>One reference, read in tasks and in interrupts, replaced by writers that wait and by writers that hand in callbacks.</summary>
    public static long Reference(ulong nanoseconds)
    {
        var torture = new Replacing();
        var interrupts = new InterruptReaders(torture);
        long operations = Torture.Run("rcu", nanoseconds, TortureKinds.All, torture.Operation);
        interrupts.Stop();
        Rcu.Barrier();
        Check.Equal(0, torture.Violations);
        Check.True(interrupts.Reads > 0);

        // Every version but the present one was poisoned exactly once.
        Check.Equal(torture.Replaced, torture.Poisoned);
        return operations;
    }

    /// <summary>Without grace periods the same readers meet poison; returns when they have.</summary>
    public static void WithoutGracePeriods()
    {
        var torture = new Replacing { PoisonsAtOnce = true };
        while (torture.Violations == 0)
        {
            Torture.Run("no grace period", 20_000_000, TortureKinds.None, torture.Operation);
        }
    }

    /// <summary>A list whose elements come from a pool, to which they return after a grace period.</summary>
    public static long List(ulong nanoseconds)
    {
        var torture = new Pooling();
        long operations = Torture.Run("rcu list", nanoseconds, TortureKinds.All, torture.Operation);
        Rcu.Barrier();
        Check.Equal(Pooling.Elements, torture.CountAll());
        return operations;
    }

    /// <summary>A map that grows while what stays in it is looked for.</summary>
    public static long Map(ulong nanoseconds)
    {
        var torture = new Mapping();
        long operations = Torture.Run("rcu map", nanoseconds, TortureKinds.All, torture.Operation);
        Rcu.Barrier();
        return operations;
    }

    private sealed class Replacing
    {
        private SpinLock _lock = new(LockClass.Test);

        [Atomic]
        private Version _present = new(null);

        [Atomic]
        private long _replaced;

        [Atomic]
        private long _poisoned;

        [Atomic]
        private long _violations;

        public bool PoisonsAtOnce { get; init; }

        public long Replaced => Volatile.Read(ref _replaced);

        public long Poisoned => Volatile.Read(ref _poisoned);

        public long Violations => Volatile.Read(ref _violations);

        public bool Operation(Contender contender)
        {
            if (contender.Next(40) == 0)
            {
                Replace(contender);
            }
            else
            {
                Read(contender.Next(300), nested: contender.Next(3) == 0);
            }

            contender.Require(PoisonsAtOnce || Violations == 0, "a reader met a version that was given back");
            return true;
        }

        public void Read(int rounds, bool nested)
        {
            using (Rcu.Read())
            {
                Version version = Rcu.Load(ref _present);
                for (int i = 0; i < rounds; i++)
                {
                    if (version.IsPoisoned)
                    {
                        Interlocked.Increment(ref _violations);
                        return;
                    }
                }

                if (nested)
                {
                    Read(rounds / 2, nested: false);
                }

                if (version.IsPoisoned)
                {
                    Interlocked.Increment(ref _violations);
                }
            }
        }

        public void Poison(Version version)
        {
            version.Poison();
            Interlocked.Increment(ref _poisoned);
        }

        private void Replace(Contender contender)
        {
            var version = new Version(this);
            Version old;
            using (_lock.Enter())
            {
                old = Rcu.Load(ref _present);
                Rcu.Publish(ref _present, version);
            }

            Interlocked.Increment(ref _replaced);
            if (PoisonsAtOnce)
            {
                Poison(old);
                return;
            }

            switch (contender.Next(4))
            {
                case 0:
                    Rcu.Synchronize();
                    Poison(old);
                    break;
                case 1:
                    Rcu.SynchronizeNow();
                    Poison(old);
                    break;
                default:
                    old.Owner = this;
                    Rcu.Call(old);
                    break;
            }
        }
    }

    private sealed class Version(Replacing? owner) : RcuCallback
    {
        [Atomic]
        private int _poison;

        [Protocol("Set before the version is handed in.")]
        public Replacing? Owner { get; set; } = owner;

        public bool IsPoisoned => Volatile.Read(ref _poison) != 0;

        public void Poison() => Volatile.Write(ref _poison, 1);

        protected override void GracePeriodEnded() => Owner!.Poison(this);
    }

    // A timer on each CPU, whose interrupts read.
    private sealed class InterruptReaders
    {
        [Immutable]
        private readonly ReadingTimer[] _timers = new ReadingTimer[RunQueues.Limit];

        public InterruptReaders(Replacing torture)
        {
            for (int cpu = 0; cpu < _timers.Length; cpu++)
            {
                _timers[cpu] = new ReadingTimer(torture, 150_000 + ((ulong)cpu * 13_000));
            }

            TestTasks.OnEveryCpu(cpu => _timers[cpu].Start(Clock.MonotonicNanoseconds));
        }

        [Protocol("Used by the one task that tortures.")]
        public long Reads { get; private set; }

        public void Stop()
        {
            foreach (ReadingTimer timer in _timers)
            {
                timer.CancelAndWait();
                Reads += timer.Reads;
            }
        }
    }

    [Protocol("Counted by the timer's handler; read when the timer is cancelled.")]
    private sealed class ReadingTimer(Replacing torture, ulong interval) : KernelTimer
    {
        public long Reads { get; private set; }

        protected override void OnExpired(ulong now)
        {
            torture.Read(100, nested: true);
            Reads++;
            Start(now + interval);
        }
    }

    private sealed class Pooling
    {
        public const int Elements = 64;

        private readonly RcuList<Element, SpinLock.Guard> _list = new();
        private SpinLock _lock = new(LockClass.Test);

        [GuardedBy(nameof(_lock))]
        private Element? _pool;

        public Pooling()
        {
            for (int i = 0; i < Elements; i++)
            {
                Return(new Element(this));
            }
        }

        public bool Operation(Contender contender)
        {
            switch (contender.Next(8))
            {
                case 0:
                    return Add();
                case 1:
                    return Remove(contender.Next(8));
                default:
                    return Walk(contender);
            }
        }

        public int CountAll()
        {
            int count = _list.Count;
            using (_lock.Enter())
            {
                for (Element? element = _pool; element is not null; element = element.NextFree)
                {
                    count++;
                }
            }

            return count;
        }

        public void Return(Element element)
        {
            using (_lock.Enter())
            {
                element.Mark(Element.Free);
                element.NextFree = _pool;
                _pool = element;
            }
        }

        private bool Add()
        {
            using SpinLock.Guard guard = _lock.Enter();
            if (_pool is not { } element)
            {
                return false;
            }

            _pool = element.NextFree;
            element.Mark(Element.Used);
            _list.AddFirst(in guard, element);
            return true;
        }

        private bool Remove(int skip)
        {
            Element? victim = null;
            using (SpinLock.Guard guard = _lock.Enter())
            {
                foreach (Element element in _list)
                {
                    victim = element;
                    if (skip-- == 0)
                    {
                        break;
                    }
                }

                if (victim is null)
                {
                    return false;
                }

                _list.Remove(in guard, victim);
            }

            Rcu.Call(victim.Returning);
            return true;
        }

        private bool Walk(Contender contender)
        {
            int met = 0;
            using (Rcu.Read())
            {
                foreach (Element element in _list)
                {
                    contender.Require(element.IsUsed, "a reader of the list stands on an element of the pool");
                    met++;
                }
            }

            // Elements come back to the front only after a grace period, so a walk meets none twice.
            contender.Require(met <= Elements, "a reader of the list meets more elements than there are");
            return true;
        }
    }

    private sealed class Element : RcuListNode<Element>
    {
        public const int Free = 0;
        public const int Used = 1;

        [Atomic]
        private int _mark;

        public Element(Pooling owner)
        {
            Returning = new ReturnToPool(owner, this);
        }

        public RcuCallback Returning { get; }

        [Protocol("Guarded by the lock of the pool.")]
        public Element? NextFree { get; set; }

        public bool IsUsed => Volatile.Read(ref _mark) == Used;

        public void Mark(int mark) => Volatile.Write(ref _mark, mark);

        private sealed class ReturnToPool(Pooling owner, Element element) : RcuCallback
        {
            protected override void GracePeriodEnded() => owner.Return(element);
        }
    }

    private sealed class Mapping
    {
        private const int Constant = 64;

        private readonly RcuHashMap<int, Entry, SpinLock.Guard> _map = new();
        private SpinLock _lock = new(LockClass.Test);

        public Mapping()
        {
            for (int key = 0; key < Constant; key++)
            {
                Add(key);
            }
        }

        public bool Operation(Contender contender)
        {
            switch (contender.Next(16))
            {
                case 0:
                    return Add(Constant + contender.Next(512));
                case 1:
                    return Remove(Constant + contender.Next(512));
                case 2:
                    return Grow();
                default:
                    return Find(contender);
            }
        }

        private bool Add(int key)
        {
            var entry = new Entry(key);
            using SpinLock.Guard guard = _lock.Enter();
            return _map.TryAdd(in guard, entry);
        }

        private bool Remove(int key)
        {
            Entry? entry;
            using (SpinLock.Guard guard = _lock.Enter())
            {
                if (!_map.TryRemove(in guard, key, out entry))
                {
                    return false;
                }
            }

            Rcu.Call(entry.Poisoning);
            return true;
        }

        private bool Grow()
        {
            RcuHashMap<int, Entry, SpinLock.Guard>.NewTable table = _map.PrepareGrowth();
            using SpinLock.Guard guard = _lock.Enter();
            return _map.TryInstall(in guard, table);
        }

        private bool Find(Contender contender)
        {
            using (Rcu.Read())
            {
                int key = contender.Next(Constant);
                contender.Require(_map.TryFind(key, out Entry? entry) && entry.Key == key, "a reader of the map does not find what is in it");
                if (_map.TryFind(Constant + contender.Next(512), out Entry? other))
                {
                    contender.Require(!other.IsPoisoned, "a reader of the map meets an element that was given back");
                }

                if (contender.Next(8) == 0)
                {
                    int constant = 0;
                    foreach (Entry each in _map)
                    {
                        constant += each.Key < Constant ? 1 : 0;
                        contender.Require(!each.IsPoisoned, "a walk through the map meets an element that was given back");
                    }

                    contender.Require(constant == Constant, "a walk through the map misses an element, or meets it twice");
                }
            }

            return true;
        }
    }

    private sealed class Entry : RcuHashNode<int, Entry>
    {
        [Atomic]
        private int _poison;

        public Entry(int key)
            : base(key)
        {
            Poisoning = new Poison(this);
        }

        public RcuCallback Poisoning { get; }

        public bool IsPoisoned => Volatile.Read(ref _poison) != 0;

        private sealed class Poison(Entry entry) : RcuCallback
        {
            protected override void GracePeriodEnded() => Volatile.Write(ref entry._poison, 1);
        }
    }
}
