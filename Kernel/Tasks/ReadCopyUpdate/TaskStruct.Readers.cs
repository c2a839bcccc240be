using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.ReadCopyUpdate;

namespace CosmosKernel.Tasks;

// What RCU keeps of a task that a grace period may have to wait for.
public sealed partial class TaskStruct
{
    private const string Discipline = "Guarded by the lock of the list that the task is in; which list that is changes only on the task's own CPU, with interrupts off.";

    /// <summary>The list that the task is in because it was interrupted or preempted inside a read-side section; null when it is in none.</summary>
    [Protocol(Discipline)]
    internal BlockedReaders? ReaderList { get; set; }

    [Protocol(Discipline)]
    internal TaskStruct? NextReader { get; set; }

    [Protocol(Discipline)]
    internal TaskStruct? PreviousReader { get; set; }

    /// <summary>The first grace period that has to wait for it.</summary>
    [Protocol(Discipline)]
    internal ulong ReaderGracePeriod { get; set; }
}
