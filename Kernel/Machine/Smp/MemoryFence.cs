using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Smp;

/// <summary>A memory barrier on every CPU at once (membarrier(2)).</summary>
public static unsafe class MemoryFence
{
    /// <summary>
    /// When this returns, each CPU has passed a full fence since it was called, and an interrupt's return, which is serializing. Task context, no lock held.
    /// </summary>
    [MightSleep]
    public static void OnAllCpus()
    {
        Interlocked.MemoryBarrier();
        CallFunction.RunOnOthers(&Fence, 0);
        Interlocked.MemoryBarrier();
    }

    private static void Fence(nuint unused) => Interlocked.MemoryBarrier();
}
