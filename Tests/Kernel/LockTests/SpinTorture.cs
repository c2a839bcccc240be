using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Locks;

/// <summary>Locks that spin.</summary>
internal static class SpinTorture
{
    /// <summary>Exclusion and progress of the spin lock; try-lock too.</summary>
    public static long SpinLock(ulong nanoseconds)
    {
        var guarded = new Spinning();
        long operations = Torture.Run("spin lock", nanoseconds, TortureKinds.None, guarded.Operation);
        Check.False(guarded.Witness.IsBroken);
        Check.Equal(operations, guarded.Witness.Writes);
        return operations;
    }

    /// <summary>The same for the spin lock that turns interrupts off, with interrupts that take it, too.</summary>
    public static long IrqSpinLock(ulong nanoseconds)
    {
        var guarded = new InterruptSpinning();
        long operations = Torture.Run("irq spin lock", nanoseconds, TortureKinds.None, guarded.Operation);
        Check.False(guarded.Witness.IsBroken);
        Check.Equal(guarded.Entries, guarded.Witness.Writes);
        Check.True(guarded.Interrupts > 0);
        return operations;
    }

    /// <summary>Readers together and writers alone, in the reader-writer spin lock.</summary>
    public static long ReaderWriterSpinLock(ulong nanoseconds)
    {
        var guarded = new ReadingAndWriting();
        long operations = Torture.Run("reader-writer spin lock", nanoseconds, TortureKinds.None, guarded.Operation);
        Check.False(guarded.Witness.IsBroken);
        Check.True(guarded.Witness.Writes > 0);
        return operations;
    }

    /// <summary>Writers alone, and readers whose copies are never half of one write and half of another, in the sequence lock.</summary>
    public static long SequenceLock(ulong nanoseconds)
    {
        var guarded = new Copying();
        long operations = Torture.Run("sequence lock", nanoseconds, TortureKinds.None, guarded.Operation);
        Check.False(guarded.Witness.IsBroken);
        Check.True(guarded.Witness.Writes > 0);
        return operations;
    }

    private sealed class ReadingAndWriting
    {
        private ReaderWriterSpinLock _lock = new(LockClasses.Register("lock-tests.reader-writer"));

        public Witness Witness { get; } = new();

        public bool Operation(Contender contender)
        {
            int rounds = contender.Next(60);
            switch (contender.Next(8))
            {
                case 0:
                    using (_lock.EnterWrite())
                    {
                        return Witness.Write(rounds);
                    }

                case 1:
                    using (ReaderWriterSpinLock.WriteGuard attempt = _lock.TryEnterWrite())
                    {
                        return attempt.Taken && Witness.Write(rounds);
                    }

                case 2:
                    using (ReaderWriterSpinLock.ReadGuard attempt = _lock.TryEnterRead())
                    {
                        return attempt.Taken && Witness.Read(rounds);
                    }

                default:
                    using (_lock.EnterRead())
                    {
                        return Witness.Read(rounds);
                    }
            }
        }
    }

    private sealed class Copying
    {
        private SequenceLock _lock = new(LockClasses.Register("lock-tests.sequence"));

        [GuardedBy(nameof(_lock), LockFreeReads = true)]
        private long _first;

        [GuardedBy(nameof(_lock), LockFreeReads = true)]
        private long _second;

        public Witness Witness { get; } = new();

        public bool Operation(Contender contender)
        {
            int rounds = contender.Next(60);
            if (contender.Next(8) == 0)
            {
                using (_lock.EnterWrite())
                {
                    Volatile.Write(ref _first, Volatile.Read(ref _first) + 1);
                    bool alone = Witness.Write(rounds);
                    Volatile.Write(ref _second, Volatile.Read(ref _second) + 1);
                    return alone;
                }
            }

            long first = 0;
            long second = 0;
            foreach (int _ in _lock.Read())
            {
                first = Volatile.Read(ref _first);
                second = Volatile.Read(ref _second);
            }

            contender.Require(first == second, "a copy was half of one write and half of another");
            return true;
        }
    }

    private sealed class Spinning
    {
        private CosmosKernel.Machine.Locking.SpinLock _lock = new(LockClasses.Register("lock-tests.spin"));

        public Witness Witness { get; } = new();

        public bool Operation(Contender contender)
        {
            int rounds = contender.Next(60);
            if (contender.Next(4) == 0)
            {
                using CosmosKernel.Machine.Locking.SpinLock.Guard attempt = _lock.TryEnter();
                return attempt.Taken && Witness.Write(rounds);
            }

            using (_lock.Enter())
            {
                return Witness.Write(rounds);
            }
        }
    }

    private sealed class InterruptSpinning
    {
        private IrqSpinLock _lock = new(LockClasses.Register("lock-tests.interrupt"));

        [GuardedBy(nameof(_lock))]
        private long _entries;

        [GuardedBy(nameof(_lock))]
        private long _interrupts;

        public Witness Witness { get; } = new();

        public long Entries
        {
            get
            {
                using (_lock.Enter())
                {
                    return _entries;
                }
            }
        }

        public long Interrupts
        {
            get
            {
                using (_lock.Enter())
                {
                    return _interrupts;
                }
            }
        }

        public bool Operation(Contender contender)
        {
            if (contender.Next(16) != 0)
            {
                return Enter(contender);
            }

            // On whichever CPU this runs: an interrupt in the middle of one of the next operations.
            var tick = new Tick(this);
            tick.Start(Clock.MonotonicNanoseconds + (ulong)contender.Next(30_000));
            while (!tick.IsDone)
            {
                Enter(contender);
            }

            return true;
        }

        private bool Enter(Contender contender)
        {
            int rounds = contender.Next(60);
            if (contender.Next(4) == 0)
            {
                using IrqSpinLock.Guard attempt = _lock.TryEnter();
                if (attempt.Taken)
                {
                    _entries++;
                }

                return attempt.Taken && Witness.Write(rounds);
            }

            using (_lock.Enter())
            {
                _entries++;
                return Witness.Write(rounds);
            }
        }

        private sealed class Tick(InterruptSpinning owner) : KernelTimer
        {
            [Atomic]
            private volatile bool _done;

            public bool IsDone => _done;

            [InterruptContext]
            protected override void OnExpired(ulong now)
            {
                using (owner._lock.Enter())
                {
                    owner._entries++;
                    owner._interrupts++;
                    owner.Witness.Write(10);
                }

                _done = true;
            }
        }
    }
}
