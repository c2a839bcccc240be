using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// What the kernel's own classes keep about one task. Every task has exactly one from the beginning: a lock can make a task a real-time or deadline task
/// by lending it an urgency, in atomic context and without memory. What a class wrote stays while another one schedules the task.
/// </summary>
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
internal sealed class KernelEntity(TaskStruct task) : SchedulingEntity(task)
{
    // ---- Place in an EntityTree, which owns these ----

    internal KernelEntity? Parent;
    internal KernelEntity? Left;
    internal KernelEntity? Right;
    internal bool IsRed;

    /// <summary>The order in the tree; does not change while in one. Fair: virtual deadline. Deadline: absolute deadline, or the time of replenishment.</summary>
    internal long Key;

    /// <summary>What the tree knows the least of below each member; does not change while in a tree. Fair: virtual runtime.</summary>
    internal long Value;

    /// <summary>The least <see cref="Value"/> of this member and those below it.</summary>
    internal long LeastValue;

    // ---- Fair class ----

    /// <summary>Share of the CPU, 1024 for nice 0.</summary>
    internal long Weight;

    /// <summary>2^32 divided by the weight, rounded: a product instead of a division.</summary>
    internal ulong InverseWeight;

    /// <summary>Length of a request, in nanoseconds of CPU time.</summary>
    internal ulong Slice;

    /// <summary>What the task was owed when it left its queue, in nanoseconds; negative when it had more than its share.</summary>
    internal long Lag;

    /// <summary>The virtual runtime at which it has had what it asked for. Its virtual deadline is the same, but for one that woke.</summary>
    internal long RequestEnd;

    /// <summary>The queue that it left last.</summary>
    internal FairQueue? Home;

    /// <summary>Nanoseconds that were left of its request when it left its queue.</summary>
    internal long RequestLeft;

    /// <summary>Batch and idle policy do not preempt when they wake.</summary>
    internal bool IsBatch;

    /// <summary>Idle policy: any other fair task preempts it.</summary>
    internal bool IsIdlePolicy;

    // ---- Real-time class ----

    /// <summary>It may run on other CPUs, and is counted so.</summary>
    internal bool IsPushable;

    /// <summary>It is queued with what it was lent, and is counted so.</summary>
    internal bool IsBoosted;

    // ---- Deadline class ----

    /// <summary>CPU time in each period, nanoseconds; 0 for a task that only borrows a deadline.</summary>
    internal long Runtime;

    /// <summary>From the beginning of a period to the deadline, nanoseconds.</summary>
    internal long RelativeDeadline;

    /// <summary>Length of a period, nanoseconds.</summary>
    internal long Period;

    /// <summary>CPU time that is left in this period; negative when it used more.</summary>
    internal long Budget;

    /// <summary>When the budget of this period must have been given, on the monotonic clock; 0 before the first.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal long AbsoluteDeadline;

    /// <summary>A deadline that it was lent, on the monotonic clock; 0 for none.</summary>
    internal long LentDeadline;

    /// <summary>It waits for its next period: it is in the tree of replenishments.</summary>
    internal bool IsThrottled;

    /// <summary>Times that it used up its budget and wanted more.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal long Overruns;

    /// <summary>Times that it finished after its deadline.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal long Misses;
}
