using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>What a CPU does at regular times in its clock's interrupt, besides its timers: not one of them, so that a CPU with one timer keeps the short way through the queue.</summary>
internal abstract class CpuWatch
{
    /// <summary>The time has come. In the clock's interrupt, on the CPU that it belongs to.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    /// <returns>When to come again, nanoseconds.</returns>
    [InterruptContext]
    internal abstract ulong OnDue(ulong now);
}
