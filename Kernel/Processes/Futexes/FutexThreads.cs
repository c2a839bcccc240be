using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Futexes;

/// <summary>Finds the thread whose number is in a futex word.</summary>
internal static class FutexThreads
{
    /// <summary>The thread with this number, or null. Any context.</summary>
    [NoAllocation]
    public static FutexThread? Find(uint number) => ProcessTable.FindThread((int)number)?.Futex;
}
