using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A sequence lock for data that no interrupt handler touches, not for reading either: writers turn preemption off. Writers exclude each other; readers write nothing to memory and never make a writer wait: they copy what they
/// need, and copy again when a writer was there meanwhile. For small values that are read much more often than written, such as the parameters of a clock. A reader can see half of a change
/// before it tries again: so it only copies, follows no reference that it copied before the loop has ended, and the values that it copies are ones that the processor loads whole.
/// <code>
/// foreach (var _ in _lock.Read()) { a = _a; b = _b; }
/// </code>
/// The loop goes round until the copy is whole: to forget that is not possible, short of leaving it by <c>break</c>.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
[LockType(LockKind.PreemptionOff)]
public struct SequenceLock
{
    private SpinLock _writers;

    // Written by who holds _writers, in the guard; read by anybody.
    [Atomic]
    private uint _sequence;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    public SequenceLock(LockClass lockClass)
    {
        _writers = new SpinLock(lockClass);
    }

    /// <summary>Takes the lock for writing, spinning while another writer has it. Task context or with preemption already off; not in interrupts. Inside: short, for readers spin meanwhile.</summary>
    [Acquires]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WriteGuard EnterWrite() => new(ref this, _writers.Enter());

    /// <summary>Takes the lock for writing if no other writer has it.</summary>
    /// <returns>A guard whose <see cref="WriteGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [UnscopedRef]
    public WriteGuard TryEnterWrite()
    {
        SpinLock.Guard guard = _writers.TryEnter();
        return guard.Taken ? new WriteGuard(ref this, guard) : default;
    }

    /// <summary>What a <c>foreach</c> reads with: its body runs until it has run with no writer beside it. Task context or with preemption already off; not in interrupts.</summary>
    [Acquires(Shared = true)]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Attempts Read() => new(ref this);

    private void BeginWrite()
    {
        // Odd: a write is under way. The exchange is a full fence: no store of the section is seen before.
        Interlocked.Exchange(ref _sequence, Volatile.Read(ref _sequence) + 1);
    }

    private void EndWrite()
    {
        // Release: all stores of the section are seen before the sequence is even again.
        Volatile.Write(ref _sequence, Volatile.Read(ref _sequence) + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint WaitForWriter()
    {
        uint sequence;
        while (((sequence = Volatile.Read(ref _sequence)) & 1) != 0)
        {
            if (_writers.IsHeldHere)
            {
                Panic.Now("A CPU reads under a sequence lock that it is writing under"u8);
            }

            CpuInstructions.Pause();
        }

        return sequence;
    }

    /// <summary>Holds the lock for writing until it is disposed.</summary>
    public readonly ref struct WriteGuard
    {
        private readonly ref SequenceLock _lock;
        private readonly SpinLock.Guard _guard;

        internal WriteGuard(ref SequenceLock theLock, SpinLock.Guard guard)
        {
            _lock = ref theLock;
            _guard = guard;
            theLock.BeginWrite();
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => _guard.Taken;

        /// <summary>Releases the lock; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (_guard.Taken)
            {
                _lock.EndWrite();
                _guard.Dispose();
            }
        }
    }

    /// <summary>The rounds of one reading.</summary>
    public ref struct Attempts
    {
        private readonly ref SequenceLock _lock;
        private uint _began;
        private bool _hasBegun;

        internal Attempts(ref SequenceLock theLock)
        {
            _lock = ref theLock;
            LockValidator.SequenceRead(ref theLock._writers);
        }

        /// <summary>How many rounds there were before this one ended in vain: of no use but for statistics.</summary>
        public int Current { get; private set; }

        /// <summary>For <c>foreach</c>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Attempts GetEnumerator() => this;

        /// <summary>Begins a round; false when the last one was whole.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_hasBegun)
            {
                // The loads of the body come before this one; a volatile read alone does not say so.
                Sse2.LoadFence();
                if (Volatile.Read(ref _lock._sequence) == _began)
                {
                    return false;
                }

                Current++;
            }

            // Acquire: the loads of the body come after.
            _began = Volatile.Read(ref _lock._sequence);
            if ((_began & 1) != 0)
            {
                _began = _lock.WaitForWriter();
            }

            _hasBegun = true;
            return true;
        }
    }
}
