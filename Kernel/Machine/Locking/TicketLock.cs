using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// The word that every spin lock is made of: a fair lock that serves CPUs in the order in which they came.
/// It disables nothing itself; <see cref="SpinLock"/> and <see cref="IrqSpinLock"/> say by their type what is off while they are held.
/// Up to 65,535 CPUs may wait. The holder's CPU is recorded, so that a CPU that waits for itself panics and does not hang.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct TicketLock
{
    private const int OneTicket = 1 << 16;

    [FieldOffset(0)] private int _word;
    [FieldOffset(0)] private ushort _serving;
    [FieldOffset(2)] private ushort _next;

    // CPU number + 1 of the holder, 0 when free. Only the holder writes it, and clears it before it releases:
    // so a CPU that reads its own number while it waits has really taken the lock before.
    [FieldOffset(4)] private int _holder;

    /// <summary>True while some CPU holds the lock: for assertions and reports, since it may change at once.</summary>
    public readonly bool IsHeld => _serving != _next;

    /// <summary>True while the CPU that asks holds the lock. Preemption is off.</summary>
    public readonly bool IsHeldHere => _holder == Cpu.CurrentIndex + 1;

    /// <summary>Takes the lock. Preemption is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire() => Acquire(Cpu.CurrentIndex);

    /// <summary>Takes the lock, where the caller knows the number of the CPU that it runs on. Preemption is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire(int here)
    {
        // LOCK XADD is a full fence: nothing of the critical section is seen before it.
        uint word = (uint)(Interlocked.Add(ref _word, OneTicket) - OneTicket);
        if (word != BitOperations.RotateLeft(word, 16))
        {
            WaitForTurn((ushort)(word >> 16));
        }

        _holder = here + 1;
    }

    /// <summary>Takes the lock if it is free. Preemption is off.</summary>
    /// <returns>False when it was held: the lock is then not taken.</returns>
    public bool TryAcquire()
    {
        int word = Volatile.Read(ref _word);
        if ((ushort)word != (ushort)(word >>> 16) || Interlocked.CompareExchange(ref _word, word + OneTicket, word) != word)
        {
            return false;
        }

        _holder = Cpu.CurrentIndex + 1;
        return true;
    }

    /// <summary>Gives the lock to the CPU that has waited longest, or frees it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        _holder = 0;

        // Only the holder writes this half; the release store pairs with the read in WaitForTurn.
        Volatile.Write(ref _serving, (ushort)(_serving + 1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForTurn(ushort ticket)
    {
        int here = Cpu.CurrentIndex + 1;
        while (Volatile.Read(ref _serving) != ticket)
        {
            if (Volatile.Read(ref _holder) == here)
            {
                Panic.Now("A CPU waits for a spin lock that it holds itself"u8);
            }

            CpuInstructions.Pause();
        }
    }
}
