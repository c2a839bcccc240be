using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

// What spin locks call. Their entries are on the list of the CPU: a spin lock's holder stays on its CPU, and a run queue's lock is released by another task than took it.
public static partial class LockValidator
{
    /// <summary>A spin lock is about to be waited for. Preemption is off.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void BeginSpinning(nuint address, LockClass lockClass, int number, HeldFlags flags) =>
        Begin(address, lockClass, number, flags | HeldFlags.Waiting, CpuInstructions.ReadFramePointer());

    /// <summary>A spin lock was taken at once. Preemption is off.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Taken(nuint address, LockClass lockClass, int number, HeldFlags flags) =>
        Begin(address, lockClass, number, flags, CpuInstructions.ReadFramePointer());

    /// <summary>The spin lock that was waited for is held.</summary>
    internal static void EndSpinning(nuint address)
    {
        ulong saved = InterruptFlag.Disable();
        ref HeldLocks here = ref Here();
        if (!here.IsBusy)
        {
            NoteAcquired(ref here, address, waited: true);
        }

        InterruptFlag.Restore(saved);
    }

    /// <summary>A spin lock is about to be released.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ReleaseSpin(nuint address, LockClass lockClass)
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        if (!TryEnter(out ulong saved))
        {
            return;
        }

        ref HeldLocks here = ref Here();
        if (!NoteReleased(ref here, address, lockClass))
        {
            ReportRelease(lockClass, framePointer);
        }

        Leave(saved);
    }

    /// <summary>A spin lock was waited for in vain, or only looked at: its entry goes.</summary>
    internal static void AbandonSpin(nuint address)
    {
        ulong saved = InterruptFlag.Disable();
        ref HeldLocks here = ref Here();
        if (!here.IsBusy)
        {
            Drop(ref here, address);
        }

        InterruptFlag.Restore(saved);
    }

    /// <summary>A sequence lock is read: the reader waits for a writer, who must not be below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SequenceRead(ref SpinLock writers)
    {
        if (IsEnabled)
        {
            writers.NoteWait();
        }
    }

    /// <summary>As for a <see cref="SpinLock"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SequenceRead(ref IrqSpinLock writers)
    {
        if (IsEnabled)
        {
            writers.NoteWait();
        }
    }

    private static void NoteAcquired(ref HeldLocks held, nuint address, bool waited)
    {
        int index = held.Find(address);
        if (index < 0)
        {
            return;
        }

        ref HeldLock entry = ref held[index];
        ulong now = CpuInstructions.ReadTsc();
        LockStatistics.CountAcquisition(entry.Class);
        if (waited)
        {
            LockStatistics.CountWait(entry.Class, now - entry.Since);
        }

        entry.Flags &= ~HeldFlags.Waiting;
        entry.Since = now;
    }

    // The entry of several locks of one class stands for all of them, and bears the address of the last one: any of them may be released first.
    private static bool NoteReleased(ref HeldLocks held, nuint address, LockClass lockClass)
    {
        int index = held.Find(address);
        for (int i = held.Depth - 1; index < 0 && i >= 0; i--)
        {
            index = held[i].Class == lockClass && (held[i].Flags & HeldFlags.Group) != 0 ? i : -1;
        }

        if (index < 0)
        {
            if (held.Lost == 0)
            {
                return lockClass == LockClass.None;
            }

            held.Lost--;
            return true;
        }

        ref HeldLock entry = ref held[index];
        LockStatistics.CountHold(entry.Class, CpuInstructions.ReadTsc() - entry.Since);
        if (entry.More != 0)
        {
            entry.More--;
        }
        else
        {
            held.RemoveAt(index);
        }

        return true;
    }

    private static void Drop(ref HeldLocks held, nuint address)
    {
        int index = held.Find(address);
        if (index < 0)
        {
            held.Lost -= held.Lost > 0 ? 1 : 0;
        }
        else if (held[index].More != 0)
        {
            held[index].More--;
        }
        else
        {
            held.RemoveAt(index);
        }
    }
}
