namespace CosmosKernel.Runtime.Heap;

/// <summary>What guards the collector's own state: reasons for <see cref="Machine.Locking.ProtocolAttribute"/>.</summary>
internal static class CollectorProtocol
{
    /// <summary>For what marking touches.</summary>
    public const string WorldStopped =
        "Touched by the collecting CPU while every other CPU is stopped and its own interrupts are off; whoever reads a figure at another time reads the last collection's.";

    /// <summary>For what a collection prepares and keeps while the world runs.</summary>
    public const string HoldsCollection =
        "Touched by the task that has set Collector.s_running, with interrupts off, so by one CPU at a time; its release store hands the state on to the next.";
}
