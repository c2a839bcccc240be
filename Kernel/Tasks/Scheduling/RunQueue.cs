using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// What one CPU has to run: its runnable tasks by class, the task that runs, and when the clock should interrupt it.
/// The lock is taken with interrupts off; two run queues are locked in the order of their CPU numbers.
/// It is held across a switch: the task that switches away takes it, the one that goes on releases it.
/// </summary>
public sealed class RunQueue
{
    /// <summary>How often a CPU with tasks that wait looks for a less busy one, in nanoseconds.</summary>
    internal const ulong BalanceInterval = 4_000_000;

    private readonly ClassQueue?[] _queues = new ClassQueue?[SchedulingClass.RankCount];

    /// <summary>Guards what is marked with it here, and the scheduling fields of the tasks that are queued here.</summary>
    internal IrqSpinLock Lock;

    // Bit r: the class of rank r has a task here.
    [GuardedBy(nameof(Lock))]
    private uint _ranks;

    // The queue of the lowest of these ranks.
    [GuardedBy(nameof(Lock))]
    private ClassQueue? _top;

    private int _count;
    private ulong _sliceEnd = ClassQueue.NoSlice;
    private ulong _armed = ulong.MaxValue;
    private ulong _nextBalance;

    internal RunQueue(int index, TaskStruct idle)
    {
        Index = index;
        Idle = idle;
        Running = idle;
        Previous = idle;
        Timers = new TimerQueue(this);
    }

    /// <summary>The run queue of the CPU that asks. Stable while preemption is off.</summary>
    public static RunQueue Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (LocalCpu.Scheduler as RunQueue)!;
    }

    /// <summary>CPU number.</summary>
    public int Index { get; }

    /// <summary>The task that runs when there is no other.</summary>
    public TaskStruct Idle { get; }

    /// <summary>The task that runs on this CPU. Read without the lock it may be outdated at once.</summary>
    public TaskStruct Running { get; internal set; }

    /// <summary>The last switches.</summary>
    public SwitchTrace Trace { get; } = new();

    /// <summary>Timers that expire on this CPU.</summary>
    public TimerQueue Timers { get; }

    /// <summary>Runnable tasks, the running one included, the idle task not. Read without the lock it may be outdated at once.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Switches from one task to another since boot.</summary>
    public long Switches => Trace.Position;

    /// <summary>Clock interrupts that this CPU took since boot.</summary>
    public long ClockInterrupts { get; private set; }

    /// <summary>Tasks that were moved to this CPU by balancing since boot.</summary>
    public long Pulled { get; internal set; }

    /// <summary>Rank and priority of the running task in one number, less is more urgent; for placement on other CPUs.</summary>
    internal int RunningUrgency { get; private set; } = int.MaxValue;

    /// <summary>The task that the switch in progress leaves.</summary>
    internal TaskStruct Previous { get; set; }

    /// <summary>The task that the switch in progress leaves, if it was taken out of the queue because it may not run here and needs a place elsewhere.</summary>
    internal TaskStruct? Migrant { get; set; }

    /// <summary>Since when the running task's time is not yet accounted, nanoseconds.</summary>
    [GuardedBy(nameof(Lock))]
    internal ulong ChargedUntil { get; set; }

    /// <summary>Another CPU's request to reschedule is on its way; one is enough.</summary>
    [GuardedBy(nameof(Lock))]
    internal bool KickPending { get; set; }

    /// <summary>Adds a task. Its preemption of the running one is checked by <see cref="CheckPreemption"/>.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal void Enqueue(TaskStruct task, EnqueueReason reason)
    {
        int rank = task.Class.Rank;
        ClassQueue queue = _queues[rank]!;
        SchedulingEntity entity = task.Entity;
        entity.Queue = queue;
        task.Cpu = Index;
        task.IsQueued = true;
        _count++;
        if (queue.Count++ == 0)
        {
            _ranks |= 1u << rank;
            _top = _queues[BitOperations.TrailingZeroCount(_ranks)];
        }

        queue.Enqueue(entity, reason);
    }

    /// <summary>Takes a task out, the running one too.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal void Dequeue(TaskStruct task)
    {
        Remove(task);
        task.IsQueued = false;
    }

    /// <summary>
    /// Takes a task out that goes to another queue before both locks are released. It counts as queued all the time: a waker that holds neither of the locks and saw it queued
    /// nowhere would queue it a second time.
    /// </summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal void Remove(TaskStruct task)
    {
        SchedulingEntity entity = task.Entity;
        ClassQueue queue = entity.Queue!;
        queue.Dequeue(entity);
        if (--queue.Count == 0)
        {
            _ranks &= ~(1u << task.Class.Rank);
            _top = _queues[BitOperations.TrailingZeroCount(_ranks)];
        }

        _count--;
    }

    /// <summary>The task that should run now.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TaskStruct PickNext() => _top!.PickNext().Task;

    /// <summary>Accounts the running task's time up to now.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Charge(TaskStruct running, ulong now)
    {
        ulong ran = now - ChargedUntil;
        ChargedUntil = now;
        running.CpuTimeNanoseconds += ran;
        SchedulingEntity entity = running.Entity;
        entity.Queue!.Charge(entity, ran);
    }

    /// <summary>Accounts the running task's time up to now, for reports: without it a task that nobody interrupts shows old figures. Any context but NMI, any CPU.</summary>
    [NoAllocation]
    public void UpdateAccounting()
    {
        using (Lock.Enter())
        {
            ulong now = Clock.MonotonicNanoseconds;
            if (now > ChargedUntil)
            {
                Charge(Running, now);
            }
        }
    }

    /// <summary>Asks this CPU to run its scheduler soon, from any CPU.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal void Kick()
    {
        if (Index == Cpu.CurrentIndex)
        {
            LocalCpu.NeedResched = true;
        }
        else if (!KickPending)
        {
            KickPending = true;
            Reschedule.Send(Index);
        }
    }

    /// <summary>
    /// After <see cref="Enqueue"/>: lets the scheduler run if the new task should run at once. If not, but the running task now has company
    /// and no end of its slice, the clock must be set, which only the CPU itself can do.
    /// </summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal void CheckPreemption(TaskStruct queued)
    {
        TaskStruct running = Running;
        int rank = queued.Class.Rank;
        int runningRank = running.Class.Rank;
        if (rank < runningRank || (rank == runningRank && queued.Entity.Queue!.Preempts(queued.Entity, running.Entity)))
        {
            Kick();
        }
        else if (_sliceEnd == ClassQueue.NoSlice)
        {
            if (Index == Cpu.CurrentIndex)
            {
                ulong now = Clock.MonotonicNanoseconds;
                Charge(running, now);
                StartSlice(running, now);
            }
            else
            {
                Kick();
            }
        }
    }

    /// <summary>Sets the end of the running task's slice. On this CPU.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void StartSlice(TaskStruct running, ulong now)
    {
        RunningUrgency = running.Urgency;
        ulong end = ClassQueue.NoSlice;
        if (_count > 1)
        {
            SchedulingEntity entity = running.Entity;
            ulong left = entity.Queue!.SliceLeft(entity);

            // Somebody waits: even where the policy sees no reason, look around for a CPU that could take it.
            end = now + (left < BalanceInterval ? left : BalanceInterval);
        }

        _sliceEnd = end;
        if (end < _armed)
        {
            Arm(end, now);
        }
    }

    /// <summary>A timer of this CPU now expires at <paramref name="deadline"/>: makes sure of an interrupt then. On this CPU, interrupts off.</summary>
    [NoAllocation]
    internal void EnsureArmed(ulong deadline)
    {
        if (deadline < _armed)
        {
            Arm(deadline, Clock.MonotonicNanoseconds);
        }
    }

    /// <summary>The clock's interrupt: expires timers, ends the slice, and sets the clock for the next event, if there is one.</summary>
    [InterruptContext]
    internal void ClockExpired(ulong now)
    {
        ClockInterrupts++;

        // The clock is set once, at the end: until then whatever is started counts as armed for.
        _armed = 0;
        Timers.Expire(now);
        if (now >= _sliceEnd)
        {
            EndSlice(now);
        }

        ulong timer = Timers.NextDeadline;
        ulong next = timer < _sliceEnd ? timer : _sliceEnd;
        _armed = next;
        if (next != ulong.MaxValue)
        {
            ClockEvent.Arm(next, now);
        }
    }

    /// <summary>Makes a class known on this CPU. Task context.</summary>
    internal void AddClass(SchedulingClass policy)
    {
        ClassQueue queue = policy.CreateQueue(Index);
        using (Lock.Enter())
        {
            _queues[policy.Rank] = queue;
        }
    }

    /// <summary>A task that another CPU may take over, the most urgent class first.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal TaskStruct? FindMovable(int cpu)
    {
        uint ranks = _ranks;
        while (ranks != 0)
        {
            SchedulingEntity? found = _queues[BitOperations.TrailingZeroCount(ranks)]!.FindMovable(cpu, Running);
            if (found is not null)
            {
                return found.Task;
            }

            ranks &= ranks - 1;
        }

        return null;
    }

    /// <summary>Puts the idle task into its class, outside of the count.</summary>
    internal void AdoptIdle(ulong now)
    {
        using (Lock.Enter())
        {
            Enqueue(Idle, EnqueueReason.Started);
            _count--;
            ChargedUntil = now;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Arm(ulong deadline, ulong now)
    {
        _armed = deadline;
        ClockEvent.Arm(deadline, now);
    }

    [InterruptContext]
    private void EndSlice(ulong now)
    {
        bool balance = false;
        Lock.AcquireWithInterruptsOff();
        TaskStruct running = Running;

        // A wake-up since this interrupt began may have accounted up to a later time.
        now = now > ChargedUntil ? now : ChargedUntil;
        Charge(running, now);
        SchedulingEntity entity = running.Entity;
        if (entity.Queue!.SliceExpired(entity))
        {
            LocalCpu.NeedResched = true;
            _sliceEnd = ClassQueue.NoSlice;
        }
        else
        {
            StartSlice(running, now);
        }

        if (_count > 1 && now >= _nextBalance)
        {
            _nextBalance = now + BalanceInterval;
            balance = true;
        }

        Lock.ReleaseWithInterruptsOff();
        if (balance)
        {
            Balancer.Push(this);
        }
    }
}
