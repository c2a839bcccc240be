using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks;

/// <summary>
/// One task: its identity, what the scheduler knows of it, its family and how it ended. Fields stand in groups by what guards them.
/// Tasks are made by <see cref="KernelTask"/>; the machine's side of a task, its stack and saved registers, is <see cref="Thread"/>.
/// </summary>
public sealed partial class TaskStruct
{
    // ---- Guarded by WakeLock ----

    /// <summary>Serialises who wakes the task or changes where it may run. Taken before run queue locks.</summary>
    internal IrqSpinLock WakeLock;

    // ---- Guarded by WakeLock for wakers; the task itself sets sleeping states without it ----
    private int _state;

    // ---- Written by the switch, under the run queue's lock; cleared last, without it ----
    private int _onCpu;

    // ---- Atomic ----
    private int _pendingInterrupt;
    private int _reapFlags;

    internal TaskStruct(TaskOptions options, SchedulingClass policy, TaskStruct? parent)
    {
        Name = options.Name;
        Affinity = options.Affinity;
        Class = policy;
        Priority = options.Priority;
        Urgency = (policy.Rank << 8) | options.Priority;
        Parent = parent;
        Entity = policy.CreateEntity(this);
        SleepTimer = new SleepTimer(this);
        Waiter = new Waiter(this);
        Exited = new Completion("exit");
        _reapFlags = options.Detached ? TaskReap.Detached : 0;
    }

    /// <summary>The task that asks: right in any context of a task, preemption on or off. Null before the scheduler has started.</summary>
    public static TaskStruct Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (LocalCpu.CurrentOwner as TaskStruct)!;
    }

    // ---- Constant after creation ----

    /// <summary>1 and up, unique among the tasks that are not collected; 0 for idle tasks and before the task is in the table.</summary>
    public int Pid { get; internal set; }

    /// <summary>Stack and saved registers.</summary>
    internal MachineThread Thread { get; set; } = null!;

    /// <summary>What the task runs; null for the boot task and idle tasks.</summary>
    internal TaskBody? Body { get; set; }

    /// <summary>Wakes it at the end of a timed sleep.</summary>
    internal SleepTimer SleepTimer { get; }

    /// <summary>Its place in the one wait list that it sleeps on.</summary>
    internal Waiter Waiter { get; }

    /// <summary>Done when the task has ended.</summary>
    internal Completion Exited { get; }

    // ---- Free to read and write; a reference store is atomic ----

    /// <summary>Shown by <c>ps</c>.</summary>
    public string Name { get; set; }

    /// <summary>What it sleeps on, for <c>ps</c>; empty while it runs.</summary>
    public string WaitChannel { get; internal set; } = "";

    // ---- Guarded by the lock of the run queue that it belongs to; changed with WakeLock held too, so that either is enough to read ----

    /// <summary>0 (most urgent) to 139. Changed by <see cref="SetPriority"/>.</summary>
    public int Priority { get; private set; }

    /// <summary>The nice value that the priority stands for, 0 for priorities below 100.</summary>
    public int Nice => TaskPriority.ToNice(Priority);

    /// <summary>The policy that schedules it.</summary>
    public SchedulingClass Class { get; private set; }

    /// <summary>CPUs that it may run on. Changed by <see cref="SetAffinity"/>.</summary>
    public CpuSet Affinity { get; internal set; }

    /// <summary>The CPU that it runs on, waits for, or ran on last.</summary>
    public int Cpu { get; internal set; }

    /// <summary>It is in a run queue; true also while it runs.</summary>
    public bool IsQueued { get; internal set; }

    /// <summary>It runs on a CPU that its affinity does not allow any more, and leaves it at the next switch.</summary>
    internal bool MustMigrate { get; set; }

    /// <summary>What its class keeps.</summary>
    internal SchedulingEntity Entity { get; private set; }

    /// <summary>Time on a CPU, up to the last switch or tick.</summary>
    public ulong CpuTimeNanoseconds { get; internal set; }

    /// <summary>Times it gave the CPU away: slept or yielded.</summary>
    public long VoluntarySwitches { get; internal set; }

    /// <summary>Times the CPU was taken from it.</summary>
    public long InvoluntarySwitches { get; internal set; }

    // ---- Guarded by TaskTree's lock ----

    /// <summary>Who created it, or the first task if that one has ended. Null for the first task and idle tasks.</summary>
    public TaskStruct? Parent { get; internal set; }

    internal TaskStruct? FirstChild { get; set; }

    internal TaskStruct? NextSibling { get; set; }

    internal TaskStruct? PreviousSibling { get; set; }

    // ---- Written by the task itself before it ends, read after Exited ----

    /// <summary>How it ended; reason <see cref="TaskExitReason.None"/> before.</summary>
    public TaskExit Exit { get; internal set; }

    /// <summary>It has begun to say goodbye to the runtime. For the task itself only.</summary>
    internal bool IsLeaving { get; set; }

    // ---- The reaper's list, guarded by its lock ----

    internal TaskStruct? NextToReap { get; set; }

    // ---- State ----

    /// <summary>What it is doing.</summary>
    public TaskState State => (TaskState)Volatile.Read(ref _state);

    /// <summary>It runs on a CPU at this moment.</summary>
    public bool IsOnCpu => Volatile.Read(ref _onCpu) != 0;

    /// <summary>It was asked to end.</summary>
    public bool IsKilled => (Volatile.Read(ref _pendingInterrupt) & PendingKill) != 0;

    /// <summary>An interruptible sleep would end at once.</summary>
    internal bool HasPendingInterrupt => Volatile.Read(ref _pendingInterrupt) != 0;

    /// <summary>Most bytes of the stack that were ever in use, and its size.</summary>
    public (int Used, int Size) StackUse => (Thread.StackHighWater(), Thread.StackSize);

    /// <summary>Rank of the class and priority in one number: less is more urgent.</summary>
    internal int Urgency { get; private set; }

    private const int PendingKill = 1;
    private const int PendingWake = 2;

    /// <summary>
    /// First half of a sleep: from here on a wake-up makes the task runnable again. The task then checks its condition, and either sleeps
    /// (<see cref="Scheduler.Sleep"/>) or takes the state back (<see cref="SetRunnable"/>). For the task itself only.
    /// </summary>
    [NoAllocation]
    internal void PrepareToSleep(bool interruptible, string channel)
    {
        WaitChannel = channel;
        Transition(interruptible ? TaskState.Interruptible : TaskState.Uninterruptible);

        // The state is visible before the condition is read; pairs with the waker's acquisition of WakeLock after it has made the condition true.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Makes the state Runnable: by the task itself, or by a waker with WakeLock held.</summary>
    [NoAllocation]
    internal void SetRunnable()
    {
        WaitChannel = "";
        Transition(TaskState.Runnable);
    }

    /// <summary>Sets how it is scheduled. It is in no run queue; its wake lock and the lock of its run queue are held.</summary>
    [NoAllocation]
    internal void SetScheduling(SchedulingClass policy, SchedulingEntity entity, int priority)
    {
        Class = policy;
        Entity = entity;
        Priority = priority;
        Urgency = (policy.Rank << 8) | priority;
    }

    /// <summary>Changes the state, along the table in <see cref="TaskStates"/>; anything else is a bug of the kernel, and a panic.</summary>
    [NoAllocation]
    internal void Transition(TaskState to)
    {
        if (!TaskStates.IsAllowed((TaskState)_state, to))
        {
            Panic.Now("A task made a state transition that the table does not allow"u8);
        }

        Volatile.Write(ref _state, (int)to);
    }

    /// <summary>The switch begins to run it. Under the run queue's lock.</summary>
    [NoAllocation]
    internal void SetOnCpu() => _onCpu = 1;

    /// <summary>The switch has saved it. A release store.</summary>
    [NoAllocation]
    internal void ClearOnCpu() => Volatile.Write(ref _onCpu, 0);

    /// <summary>Spins until the switch on another CPU has saved it: a few dozen instructions with interrupts off there.</summary>
    [NoAllocation]
    internal void WaitUntilOffCpu()
    {
        while (Volatile.Read(ref _onCpu) != 0)
        {
            CpuInstructions.Pause();
        }
    }

    /// <summary>Asks it to end.</summary>
    internal void MarkKilled() => Interlocked.Or(ref _pendingInterrupt, PendingKill);

    /// <summary>Asks that its present or next interruptible sleep ends.</summary>
    internal void MarkInterrupted() => Interlocked.Or(ref _pendingInterrupt, PendingWake);

    /// <summary>Takes back <see cref="MarkInterrupted"/>; a kill stays.</summary>
    /// <returns>True when it was set.</returns>
    internal bool TakeInterrupt() => (Interlocked.And(ref _pendingInterrupt, ~PendingWake) & PendingWake) != 0;

    /// <summary>Sets bits of <see cref="TaskReap"/>.</summary>
    /// <returns>The bits from before.</returns>
    internal int SetReapFlags(int flags) => Interlocked.Or(ref _reapFlags, flags);

    /// <summary>Throws if the task was asked to end. For the task itself, at points where it can.</summary>
    /// <exception cref="TaskKilledException">It was.</exception>
    public void ThrowIfKilled()
    {
        if (IsKilled)
        {
            throw new TaskKilledException();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}[{Pid}]";
}

/// <summary>What a task runs. Its result is the exit code.</summary>
public delegate int TaskBody();

/// <summary>Who releases what a task leaves behind: exactly one of those who could.</summary>
internal static class TaskReap
{
    /// <summary>Nobody will join it.</summary>
    public const int Detached = 1;

    /// <summary>It has ended.</summary>
    public const int Exited = 2;

    /// <summary>Somebody releases it: who sets this bit first.</summary>
    public const int Claimed = 4;
}
