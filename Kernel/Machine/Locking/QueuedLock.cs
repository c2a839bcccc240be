using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// The word that spin locks are made of: a queued lock (Mellor-Crummey and Scott, "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors", ACM TOCS 9(1), 1991) whose queue
/// is in the CPUs' blocks, so that the lock is one word, as in Linux's qspinlock. It serves CPUs in the order in which they came, and each waits for a word of its own: a release
/// disturbs one waiter and not all. Free it is 0, so one compare-and-exchange takes it, says who holds it, and one store releases it.
/// It disables nothing itself; <see cref="SpinLock"/> and <see cref="IrqSpinLock"/> say by their type what is off while they are held.
/// <para>Under a hypervisor, which may have stopped the CPU whose turn it is, CPUs wait without a queue, and whoever finds the lock free takes it: see <see cref="SpinLockOrder"/>. Both kinds of
/// waiters may wait for one lock: those without a queue take it only from 0, when nobody is in the queue.</para>
/// </summary>
[LockType(LockKind.Bare)]
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal unsafe struct QueuedLock
{
    /// <summary>How many contexts of one CPU may wait, one inside another: a task, deferred work, an interrupt.</summary>
    public const int Nesting = 4;

    private const int TailShift = 16;
    private const int HolderMask = 0xFFFF;

    // The longest pause between two looks of a CPU that has lost a free lock to others again and again, in PAUSE instructions: about what a short critical section takes.
    private const uint MostPauses = 32;

    // The low half is the holder's token, CPU number + 1; the high half the last waiter's, see TailOf. Free: 0.
    [Protocol("Taken by compare-and-exchange from 0, or by the first waiter while the holder's half is 0; the holder clears its half. The waiters' half changes by compare-and-exchange only.")]
    [FieldOffset(0)]
    private int _word;

    [Protocol("The holder's half of _word.")]
    [FieldOffset(0)]
    private ushort _holder;

    [Immutable]
    [FieldOffset(4)]
    private readonly ushort _class;

    [Immutable]
    [FieldOffset(6)]
    private readonly ushort _number;

    /// <summary>Makes a free lock.</summary>
    public QueuedLock(LockClass lockClass, int number)
    {
        _class = (ushort)lockClass;
        _number = (ushort)number;
    }

    /// <summary>What kind of lock it is.</summary>
    public readonly LockClass Class => (LockClass)_class;

    /// <summary>Its place among the locks of its class.</summary>
    public readonly int Number => _number;

    /// <summary>True while some CPU holds the lock: for assertions and reports, since it may change at once.</summary>
    public readonly bool IsHeld => _holder != 0;

    /// <summary>True while the CPU that asks holds the lock. Preemption is off.</summary>
    public readonly bool IsHeldHere => _holder == Cpu.Current->SpinToken;

    /// <summary>Takes the lock. Preemption is off.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire()
    {
        if (LockValidator.IsEnabled)
        {
            AcquireValidated();
        }
        else
        {
            TakeOrWait(ref this);
        }
    }

    /// <summary>Takes the lock, where the caller knows the number of the CPU that it runs on. Preemption is off.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire(int here)
    {
        if (LockValidator.IsEnabled)
        {
            AcquireValidated();
        }

        // A full fence: nothing of the critical section is seen before it.
        else if (Interlocked.CompareExchange(ref _word, here + 1, 0) != 0)
        {
            Wait(ref this);
        }
    }

    /// <summary>Takes the lock if it is free. Preemption is off.</summary>
    /// <returns>False when it was held: the lock is then not taken.</returns>
    [Acquires(MayFail = true)]
    public bool TryAcquire()
    {
        if (!TryTake())
        {
            return false;
        }

        if (LockValidator.IsEnabled)
        {
            LockValidator.Taken(Address, Class, _number, HeldFlags.Tried);
        }

        return true;
    }

    /// <summary>Frees the lock, for the CPU that is first in the queue if there is one.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        if (LockValidator.IsEnabled)
        {
            LockValidator.ReleaseSpin(Address, Class);
        }

        // Release: the critical section is seen before the lock is free. Pairs with the exchange that takes it.
        Volatile.Write(ref _holder, 0);
    }

    /// <summary>Takes the lock without telling the validator: for locks that are made of this one and speak for themselves. Preemption is off.</summary>
    [Acquires]
    internal void Take() => TakeOrWait(ref this);

    /// <summary>Frees what <see cref="Take"/> took.</summary>
    [Releases]
    internal void Leave() => Volatile.Write(ref _holder, 0); // Release: pairs with the exchange that takes it.

    /// <summary>Takes the lock and tells the validator. Preemption is off.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void AcquireValidated()
    {
        // Where the lock is free nothing can hang, and one look before or after is the same.
        if (TryTake())
        {
            LockValidator.Taken(Address, Class, _number, HeldFlags.None);
            return;
        }

        LockValidator.BeginSpinning(Address, Class, _number, HeldFlags.None);
        Wait(ref this);
        LockValidator.EndSpinning(Address);
    }

    /// <summary>Tells the validator that the lock may be waited for here, by a reader that does not take it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void NoteWait()
    {
        // The entry is on this CPU's list: who looks stays here until it is gone again.
        Preemption.Begin();
        // The reader may be preempted anywhere and holds nothing: the two calls are one step, with interrupts off.
        ulong flags = InterruptFlag.Disable();
        LockValidator.BeginSpinning(Address, Class, _number, HeldFlags.Shared);
        LockValidator.AbandonSpin(Address);
        InterruptFlag.Restore(flags);
        Preemption.End();
    }

    // A lock that a reference of the collector points to is in an object, and those do not move.
    private nuint Address => (nuint)Unsafe.AsPointer(ref this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake() => _word == 0 && Interlocked.CompareExchange(ref _word, (int)Cpu.Current->SpinToken, 0) == 0;

    // The lock was not free. Preemption is off; interrupts may be on, and an interrupt that waits meanwhile uses the next node.
    [RuntimeExport("QueuedLockWait")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Wait(ref QueuedLock queuedLock)
    {
        CpuBlock* cpu = Cpu.Current;
        int token = (int)cpu->SpinToken;

        // Only this CPU sets and clears its own token, so this is no accident of timing.
        if ((Volatile.Read(ref queuedLock._word) & HolderMask) == token)
        {
            Panic.Now("A CPU waits for a spin lock that it holds itself"u8);
        }

        LockStatistics.CountContention(queuedLock.Class);
        if (TakeOutOfOrder(ref queuedLock, token))
        {
            return;
        }

        int level = cpu->SpinDepth;
        if (level == Nesting)
        {
            Panic.Now("A CPU waits for spin locks in more contexts than there are"u8);
        }

        cpu->SpinDepth = level + 1;
        var node = (QueueNode*)&cpu->SpinNodes[level];
        Volatile.Write(ref node->IsFirst, 0);
        Volatile.Write(ref node->Next, 0);
        int me = (((int)cpu->Index * Nesting) + level + 1) << TailShift;

        // A full fence: the node is ready before anybody can find it.
        int word = Volatile.Read(ref queuedLock._word);
        while (true)
        {
            int seen = Interlocked.CompareExchange(ref queuedLock._word, word == 0 ? token : (word & HolderMask) | me, word);
            if (seen == word)
            {
                break;
            }

            word = seen;
        }

        if (word != 0)
        {
            WaitInQueue(ref queuedLock, node, me, word, token);
        }

        cpu->SpinDepth = level;
    }

    // Test and test-and-set: looks until the lock is free, then tries. False as soon as CPUs are to queue.
    private static bool TakeOutOfOrder(ref QueuedLock queuedLock, int token)
    {
        uint most = 1;
        while (!SpinLockOrder.IsQueued)
        {
            if (Volatile.Read(ref queuedLock._word) == 0)
            {
                // A full fence, as in TryTake.
                if (Interlocked.CompareExchange(ref queuedLock._word, token, 0) == 0)
                {
                    return true;
                }

                // Several try at once. Each that loses stays away for longer, and not all for as long.
                most = Math.Min(most * 2, MostPauses);
            }

            uint pauses = most == 1 ? 1 : 1 + ((uint)CpuInstructions.ReadTsc() & (most - 1));
            for (uint i = 0; i < pauses; i++)
            {
                CpuInstructions.Pause();
            }
        }

        return false;
    }

    private static void WaitInQueue(ref QueuedLock queuedLock, QueueNode* node, int me, int before, int token)
    {
        int previous = before >>> TailShift;
        if (previous != 0)
        {
            Volatile.Write(ref NodeOf(previous)->Next, me >>> TailShift);

            // Pairs with the write below, by whoever was before.
            while (Volatile.Read(ref node->IsFirst) == 0)
            {
                CpuInstructions.Pause();
            }
        }

        // First in the queue: while there is one, nobody else takes the lock once its holder has cleared its half.
        int word;
        while (((word = Volatile.Read(ref queuedLock._word)) & HolderMask) != 0)
        {
            CpuInstructions.Pause();
        }

        // Last, too: the queue ends.
        if (word == me && Interlocked.CompareExchange(ref queuedLock._word, token, me) == me)
        {
            return;
        }

        Volatile.Write(ref queuedLock._holder, (ushort)token);
        int next;
        while ((next = Volatile.Read(ref node->Next)) == 0)
        {
            CpuInstructions.Pause();
        }

        Volatile.Write(ref NodeOf(next)->IsFirst, 1);
    }

    private static QueueNode* NodeOf(int tail) => (QueueNode*)&Cpu.Get((tail - 1) / Nesting)->SpinNodes[(tail - 1) % Nesting];

    [Acquires]
    [RuntimeImport("QueuedLockAcquire")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void TakeOrWait(ref QueuedLock queuedLock);

    /// <summary>A CPU's place in the queue of one lock.</summary>
    private struct QueueNode
    {
        /// <summary>1 once all that came before have the lock or had it. Written by the one before.</summary>
        [Atomic]
        public int IsFirst;

        /// <summary>Who comes next, as in the high half of the lock's word; 0 when nobody was seen. Written by that one.</summary>
        [Atomic]
        public int Next;
    }
}
