using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Memory;

/// <summary>
/// Makes the n-th allocation of a system call fail, to test that nothing is lost when memory runs out there (Linux's fault-injection documentation, fail-nth). Counted are frames, for whatever use, and objects of the
/// managed heap, which one thread asks for, outside of interrupts. In kernels with the lock validator only; elsewhere nothing of it is left. For one thread at a time.
/// </summary>
public static unsafe class FaultInjection
{
    [Atomic]
    private static ulong s_thread;

    [Atomic]
    private static int s_left;

    [Atomic]
    private static bool s_counts;

    /// <summary>The kernel has it.</summary>
    public static bool IsEnabled => LockValidator.IsEnabled;

    /// <summary>The running thread is in the system call whose allocations are counted. Any context.</summary>
    public static bool IsCounting =>
        IsEnabled && Volatile.Read(ref s_counts) && Volatile.Read(ref s_thread) == UserSpace.CurrentThreadId && Cpu.Current->InterruptDepth == 0;

    /// <summary>How many allocations are left until the one that fails: 0 when it has failed, or none was to. Any context.</summary>
    public static int Left
    {
        get
        {
            int left = Volatile.Read(ref s_left);
            return left > 0 ? left : 0;
        }
    }

    /// <summary>The next system call of the running thread is counted. Task context.</summary>
    /// <param name="allocation">Which allocation fails: 1 is the first one; 0: none.</param>
    public static void Arm(int allocation)
    {
        Volatile.Write(ref s_counts, false);
        Volatile.Write(ref s_left, allocation);
        Volatile.Write(ref s_thread, allocation == 0 ? 0 : UserSpace.CurrentThreadId);
    }

    /// <summary>A system call of the running thread begins.</summary>
    /// <returns>Its allocations are counted: <see cref="End"/> follows.</returns>
    [NoAllocation]
    public static bool Begin()
    {
        if (!IsEnabled || Volatile.Read(ref s_thread) != UserSpace.CurrentThreadId || Volatile.Read(ref s_counts))
        {
            return false;
        }

        Volatile.Write(ref s_counts, true);
        return true;
    }

    /// <summary>The system call is over; nothing is counted any more.</summary>
    [NoAllocation]
    public static void End()
    {
        Volatile.Write(ref s_counts, false);
        Volatile.Write(ref s_thread, 0);
    }

    /// <summary>Counts an allocation. Any context but NMI.</summary>
    /// <returns>True: it must fail.</returns>
    [NoAllocation]
    public static bool Fails() => IsCounting && Interlocked.Decrement(ref s_left) == 0;
}
