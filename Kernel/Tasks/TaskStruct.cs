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
    internal IrqSpinLock WakeLock = new(LockClass.TaskWake);

    // ---- Guarded by WakeLock for wakers; the task itself sets sleeping states without it ----
    [Atomic]
    private int _state;

    [Atomic]
    private string _waitChannel = "";

    // ---- Guarded by the lock of the run queue that it belongs to ----
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private int _cpu;

    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private bool _isQueued;

    // ---- Written by the switch, under the run queue's lock; cleared last, without it ----
    [Atomic]
    private int _onCpu;

    // ---- Atomic ----
    [Atomic]
    private int _pendingInterrupt;

    [Atomic]
    private int _reapFlags;

    internal TaskStruct(TaskOptions options, in SchedulingParameters scheduling, TaskStruct? parent)
    {
        _name = options.Name;
        _managedThread = options.ManagedThread;
        IsRuntimeThread = options.IsRuntimeThread;
        AllowedCpus = options.Affinity;
        Parent = parent;
        _defaultTimerSlack = parent?.TimerSlack ?? InitialTimerSlack;
        _timerSlack = _defaultTimerSlack;
        _kernelEntity = new KernelEntity(this);
        InitializeScheduling(scheduling);
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
    [GuardedBy(typeof(TaskTable), "s_lock", LockFreeReads = true)]
    public int Pid { get; internal set; }

    /// <summary>Stack and saved registers; the address space of user mode is attached to it. Switching to it is the scheduler's affair alone.</summary>
    [Immutable]
    public MachineThread Thread { get; internal set; } = null!;

    /// <summary>The machine's part of it, for what belongs to that: user mode's page table. Any context.</summary>
    public MachineThread MachineThread => Thread;

    /// <summary>What the task runs; null for the boot task and idle tasks.</summary>
    [Protocol("Set before the task is in a run queue; then read and cleared by the task itself.")]
    internal TaskBody? Body { get; set; }

    /// <summary>Wakes it at the end of a timed sleep.</summary>
    internal SleepTimer SleepTimer { get; }

    /// <summary>Its place in the one wait list that it sleeps on.</summary>
    internal Waiter Waiter { get; }

    /// <summary>Done when the task has ended.</summary>
    internal Completion Exited { get; }

    // ---- Free to read and write; a reference store is atomic ----

    /// <summary>What it sleeps on, for <c>ps</c>; empty while it does not sleep.</summary>
    public string WaitChannel => State is TaskState.Interruptible or TaskState.Uninterruptible or TaskState.Killable ? Volatile.Read(ref _waitChannel) : "";

    // ---- Guarded by the lock of the run queue that it belongs to; changed with WakeLock held too, so that either is enough to read ----

    /// <summary>CPUs that it may run on, for who holds one of the locks: policies, which run under the run queue's. Changed by <see cref="SetAffinity"/>.</summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
    public CpuSet AllowedCpus { get; internal set; }

    /// <summary>CPUs that it may run on. Changed by <see cref="SetAffinity"/>. Any context but NMI, without the lock of a run queue.</summary>
    public CpuSet Affinity
    {
        get
        {
            using (WakeLock.Enter())
            {
                return AllowedCpus;
            }
        }
    }

    /// <summary>The CPU that it runs on, waits for, or ran on last. Read without a lock it may be outdated at once.</summary>
    public int Cpu
    {
        get => Volatile.Read(ref _cpu);
        [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
        internal set => Volatile.Write(ref _cpu, value);
    }

    /// <summary>It is in a run queue; true also while it runs. Read without a lock it may be outdated at once.</summary>
    public bool IsQueued
    {
        get => Volatile.Read(ref _isQueued);
        [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
        internal set => Volatile.Write(ref _isQueued, value);
    }

    /// <summary>It runs on a CPU that its affinity does not allow any more, and leaves it at the next switch.</summary>
    [GuardedBy(nameof(WakeLock), LockFreeReads = true)]
    internal bool MustMigrate { get; set; }

    /// <summary>Time on a CPU, up to the last switch or tick.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public ulong CpuTimeNanoseconds { get; internal set; }

    /// <summary>Times it gave the CPU away: slept or yielded.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public long VoluntarySwitches { get; internal set; }

    /// <summary>Times the CPU was taken from it.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public long InvoluntarySwitches { get; internal set; }

    // ---- Guarded by TaskTree's lock ----

    /// <summary>Who created it, or the first task if that one has ended. Null for the first task and idle tasks.</summary>
    [GuardedBy(typeof(TaskTree), "s_lock", LockFreeReads = true)]
    public TaskStruct? Parent { get; internal set; }

    [GuardedBy(typeof(TaskTree), "s_lock")]
    internal TaskStruct? FirstChild { get; set; }

    [GuardedBy(typeof(TaskTree), "s_lock")]
    internal TaskStruct? NextSibling { get; set; }

    [GuardedBy(typeof(TaskTree), "s_lock")]
    internal TaskStruct? PreviousSibling { get; set; }

    // ---- Written by the task itself before it ends, read after Exited ----

    /// <summary>How it ended; reason <see cref="TaskExitReason.None"/> before.</summary>
    [Protocol("The task itself writes it before it completes Exited; others read it after Exited, whose lock orders the two.")]
    public TaskExit Exit { get; internal set; }

    /// <summary>It has begun to say goodbye to the runtime. For the task itself only.</summary>
    [TaskPrivate]
    internal bool IsLeaving { get; set; }

    // ---- The reaper's list, guarded by its lock ----

    [GuardedBy(typeof(Reaper), "s_lock")]
    internal TaskStruct? NextToReap { get; set; }

    // ---- State ----

    /// <summary>What it is doing.</summary>
    public TaskState State => (TaskState)Volatile.Read(ref _state);

    /// <summary>It runs on a CPU at this moment.</summary>
    public bool IsOnCpu => Volatile.Read(ref _onCpu) != 0;

    /// <summary>It was asked to end.</summary>
    public bool IsKilled => (Volatile.Read(ref _pendingInterrupt) & PendingKill) != 0;

    /// <summary>A sleep of this mode ends at once: something was asked of the task that ends it.</summary>
    [NoAllocation]
    internal bool MustEndSleep(WaitMode mode) => (Volatile.Read(ref _pendingInterrupt) & (int)mode) != 0;

    /// <summary>Most bytes of the stack that were ever in use, and its size.</summary>
    [MightSleep]
    public (int Used, int Size) StackUse => (Thread.StackHighWater(), Thread.StackSize);

    // The bits that WaitMode names.
    private const int PendingKill = 1;
    private const int PendingWake = 2;

    /// <summary>
    /// First half of a sleep: from here on a wake-up makes the task runnable again. The task then checks its condition, and either sleeps
    /// (<see cref="Scheduler.Sleep"/>) or takes the state back (<see cref="SetRunnable"/>). For the task itself only.
    /// </summary>
    [NoAllocation]
    internal void PrepareToSleep(WaitMode mode, string channel)
    {
        Volatile.Write(ref _waitChannel, channel);
        TaskState to = mode switch
        {
            WaitMode.Uninterruptible => TaskState.Uninterruptible,
            WaitMode.Interruptible => TaskState.Interruptible,
            _ => TaskState.Killable,
        };
        CheckTransition(to);

        // A full fence: the state is visible before the condition is read; pairs with the waker's acquisition of WakeLock after it has made the condition true.
        Interlocked.Exchange(ref _state, (int)to);
    }

    /// <summary>Makes the state Runnable: by the task itself, or by a waker with WakeLock held.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetRunnable() => Transition(TaskState.Runnable);

    /// <summary>A waker makes it Runnable, having seen under WakeLock that it sleeps or is new.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetWoken() => Volatile.Write(ref _state, (int)TaskState.Runnable);

    /// <summary>Changes the state, along the table in <see cref="TaskStates"/>; anything else is a bug of the kernel, and a panic.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Transition(TaskState to)
    {
        CheckTransition(to);
        Volatile.Write(ref _state, (int)to);
    }

    /// <summary>The switch begins to run it. Under the run queue's lock.</summary>
    [NoAllocation]
    internal void SetOnCpu() => Volatile.Write(ref _onCpu, 1);

    /// <summary>The switch has saved it. A release store.</summary>
    [NoAllocation]
    internal void ClearOnCpu() => Volatile.Write(ref _onCpu, 0);

    /// <summary>Spins until the switch on another CPU has saved it: a few dozen instructions with interrupts off there.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckTransition(TaskState to)
    {
        if (!TaskStates.IsAllowed(State, to))
        {
            PanicOverTransition();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PanicOverTransition() => Panic.Now("A task made a state transition that the table does not allow"u8);
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
