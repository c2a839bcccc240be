using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// The words that reader-writer spin locks are made of: a count of readers and two bits for the writer, in front of a queue in which whoever finds them in the way waits his turn
/// (as in Linux's qrwlock). Fair to both sides: a reader that comes after a waiting writer waits behind it, so neither side starves, and nobody may take the lock for
/// reading twice. It disables nothing itself.
/// <para>Where CPUs do not queue (<see cref="SpinLockOrder"/>), whoever finds the lock free takes it; only a writer that has looked <see cref="LooksOfWriter"/> times lets no more readers in.</para>
/// </summary>
[LockType(LockKind.Bare)]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct QueuedReaderWriterLock
{
    private const int Writer = 1;
    private const int WriterWaits = 2;
    private const int Reader = 4;

    // How often a writer looks for a moment without readers before it claims the next turn: many times what a section takes, since its CPU may be stopped while all wait for it.
    private const int LooksOfWriter = 10_000;

    [Atomic]
    private int _word;

    [Protocol("The writer's CPU token while it holds the lock, else 0: only its own CPU writes it.")]
    private ushort _writer;

    [Immutable]
    private readonly ushort _class;

    private QueuedLock _queue;

    /// <summary>Makes a free lock.</summary>
    public QueuedReaderWriterLock(LockClass lockClass, int number)
    {
        _class = (ushort)lockClass;
        _queue = new QueuedLock(LockClass.Unclassified, number);
    }

    /// <summary>What kind of lock it is.</summary>
    public readonly LockClass Class => (LockClass)_class;

    /// <summary>True while this CPU holds the lock for writing. Preemption is off.</summary>
    public readonly bool IsHeldForWritingHere => _writer == Cpu.Current->SpinToken;

    /// <summary>True while somebody holds it in either way: outdated at once.</summary>
    public readonly bool IsHeld => (Volatile.Read(in _word) & ~WriterWaits) != 0;

    private nuint Address => (nuint)Unsafe.AsPointer(ref this);

    /// <summary>Takes the lock for reading. Preemption is off.</summary>
    [Acquires(Shared = true)]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireRead()
    {
        if (LockValidator.IsEnabled)
        {
            AcquireReadValidated();
        }

        // A full fence: nothing of the section is seen before it.
        else if ((Interlocked.Add(ref _word, Reader) & (Writer | WriterWaits)) != 0)
        {
            WaitToRead();
        }
    }

    /// <summary>Takes the lock for reading if no writer has it or waits for it. Preemption is off.</summary>
    [Acquires(Shared = true, MayFail = true)]
    public bool TryAcquireRead()
    {
        if ((Interlocked.Add(ref _word, Reader) & (Writer | WriterWaits)) != 0)
        {
            Interlocked.Add(ref _word, -Reader);
            return false;
        }

        if (LockValidator.IsEnabled)
        {
            LockValidator.Taken(Address, Class, _queue.Number, HeldFlags.Tried | HeldFlags.Shared);
        }

        return true;
    }

    /// <summary>Ends reading.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseRead()
    {
        if (LockValidator.IsEnabled)
        {
            LockValidator.ReleaseSpin(Address, Class);
        }

        Interlocked.Add(ref _word, -Reader);
    }

    /// <summary>Takes the lock for writing. Preemption is off.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWrite()
    {
        if (LockValidator.IsEnabled)
        {
            AcquireWriteValidated();
        }
        else if (Interlocked.CompareExchange(ref _word, Writer, 0) == 0)
        {
            _writer = (ushort)Cpu.Current->SpinToken;
        }
        else
        {
            WaitToWrite();
        }
    }

    /// <summary>Takes the lock for writing if nobody has it. Preemption is off.</summary>
    [Acquires(MayFail = true)]
    public bool TryAcquireWrite()
    {
        if (Interlocked.CompareExchange(ref _word, Writer, 0) != 0)
        {
            return false;
        }

        _writer = (ushort)Cpu.Current->SpinToken;
        if (LockValidator.IsEnabled)
        {
            LockValidator.Taken(Address, Class, _queue.Number, HeldFlags.Tried);
        }

        return true;
    }

    /// <summary>Ends writing.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseWrite()
    {
        if (LockValidator.IsEnabled)
        {
            LockValidator.ReleaseSpin(Address, Class);
        }

        _writer = 0;

        // Readers that look and go away again count meanwhile: so it is subtracted and not overwritten.
        Interlocked.Add(ref _word, -Writer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AcquireReadValidated()
    {
        if ((Interlocked.Add(ref _word, Reader) & (Writer | WriterWaits)) == 0)
        {
            LockValidator.Taken(Address, Class, _queue.Number, HeldFlags.Shared);
            return;
        }

        LockValidator.BeginSpinning(Address, Class, _queue.Number, HeldFlags.Shared);
        WaitToRead();
        LockValidator.EndSpinning(Address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AcquireWriteValidated()
    {
        if (Interlocked.CompareExchange(ref _word, Writer, 0) == 0)
        {
            _writer = (ushort)Cpu.Current->SpinToken;
            LockValidator.Taken(Address, Class, _queue.Number, HeldFlags.None);
            return;
        }

        LockValidator.BeginSpinning(Address, Class, _queue.Number, HeldFlags.None);
        WaitToWrite();
        LockValidator.EndSpinning(Address);
    }

    // The reader was counted already.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitToRead()
    {
        PanicIfWriterHere();
        LockStatistics.CountContention(Class);
        Interlocked.Add(ref _word, -Reader);
        if (ReadOutOfOrder())
        {
            return;
        }

        _queue.Take();

        // First in the queue: no writer waits, and the one that holds the lock will go.
        Interlocked.Add(ref _word, Reader);
        while ((Volatile.Read(ref _word) & Writer) != 0)
        {
            CpuInstructions.Pause();
        }

        _queue.Leave();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitToWrite()
    {
        PanicIfWriterHere();
        LockStatistics.CountContention(Class);
        if (WriteOutOfOrder())
        {
            return;
        }

        _queue.Take();
        Interlocked.Or(ref _word, WriterWaits);

        // From here on new readers go into the queue, behind; those that are inside leave one by one.
        while (Volatile.Read(ref _word) != WriterWaits || Interlocked.CompareExchange(ref _word, Writer, WriterWaits) != WriterWaits)
        {
            CpuInstructions.Pause();
        }

        _writer = (ushort)Cpu.Current->SpinToken;
        _queue.Leave();
    }

    // Looks until no writer is there, then tries. False as soon as CPUs are to queue.
    private bool ReadOutOfOrder()
    {
        while (!SpinLockOrder.IsQueued)
        {
            if ((Volatile.Read(ref _word) & (Writer | WriterWaits)) == 0)
            {
                // A full fence, as in AcquireRead.
                if ((Interlocked.Add(ref _word, Reader) & (Writer | WriterWaits)) == 0)
                {
                    return true;
                }

                Interlocked.Add(ref _word, -Reader);
            }

            CpuInstructions.Pause();
        }

        return false;
    }

    // Looks until nobody is there, then tries. False as soon as CPUs are to queue, or when readers have come and gone for so long that there may be no such moment.
    private bool WriteOutOfOrder()
    {
        for (int looks = 0; looks < LooksOfWriter && !SpinLockOrder.IsQueued; looks++)
        {
            // A full fence, as in AcquireWrite.
            if (Volatile.Read(ref _word) == 0 && Interlocked.CompareExchange(ref _word, Writer, 0) == 0)
            {
                _writer = (ushort)Cpu.Current->SpinToken;
                return true;
            }

            CpuInstructions.Pause();
        }

        return false;
    }

    private readonly void PanicIfWriterHere()
    {
        if (IsHeldForWritingHere)
        {
            Panic.Now("A CPU waits for a reader-writer spin lock that it holds itself"u8);
        }
    }
}
