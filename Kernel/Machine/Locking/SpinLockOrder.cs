using System.Threading;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// The order in which CPUs that wait for a spin lock get it: that in which they came (<see cref="QueuedLock"/>), or none. A queue is fair and scales, but serves one certain CPU next; under a hypervisor
/// with more virtual CPUs than real ones that CPU may just be stopped, and then the whole queue stands still for as long as the host likes. So without an option the kernel queues on a machine of its own and
/// not under a hypervisor, as Linux does. Nobody may rely on the order for anything but speed.
/// </summary>
public static class SpinLockOrder
{
    [Atomic]
    private static bool s_isUnfair;

    /// <summary>
    /// Whether CPUs queue. It may change at any time, locks that are held or waited for included: a CPU that waits looks again and again until it stands in a queue, and one that stands in a queue stays there.
    /// </summary>
    public static bool IsQueued
    {
        get => !Volatile.Read(ref s_isUnfair);
        set => Volatile.Write(ref s_isUnfair, !value);
    }
}
