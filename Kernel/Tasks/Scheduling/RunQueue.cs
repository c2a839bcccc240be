using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// What one CPU has to run: its runnable tasks by class, the task that runs, and when the clock should interrupt it.
/// The lock is taken with interrupts off; two run queues are locked in the order of their CPU numbers.
/// It is held across a switch: the task that switches away takes it, the one that goes on releases it.
/// </summary>
public sealed partial class RunQueue
{
    /// <summary>
    /// How long a task waits at most until its CPU looks for a less busy one, in nanoseconds. Together with what the look itself takes, no CPU idles for 4 ms while a task waits that it may run.
    /// </summary>
    internal const ulong BalanceInterval = 3_000_000;

    // The least time between two clock interrupts when a timer was started with a deadline that has passed, in nanoseconds: whatever timers do, tasks go on.
    private const ulong LeastGap = 10_000;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private readonly ClassQueue?[] _queues = new ClassQueue?[SchedulingClass.RankCount];

    /// <summary>Guards what is marked with it here, and the scheduling fields of the tasks that are queued here.</summary>
    internal IrqSpinLock Lock;

    // Bit r: the class of rank r has a task here.
    [GuardedBy(nameof(Lock))]
    private uint _ranks;

    // The queue of the lowest of these ranks.
    [GuardedBy(nameof(Lock))]
    private ClassQueue? _top;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private int _count;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private int _runningUrgency = int.MaxValue;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private ulong _sliceEnd = ClassQueue.NoSlice;

    [PerCpu]
    private ulong _armed = ulong.MaxValue;

    [GuardedBy(nameof(Lock))]
    private ulong _nextBalance;

    [PerCpu]
    private CpuWatch? _watch;

    [PerCpu]
    private ulong _watchAt = ulong.MaxValue;

    internal RunQueue(int index, TaskStruct idle)
    {
        Index = index;
        Lock = new IrqSpinLock(LockClass.RunQueue, index);
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
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    public TaskStruct Running { get; internal set; }

    /// <summary>The last switches.</summary>
    public SwitchTrace Trace { get; } = new();

    /// <summary>Timers that expire on this CPU.</summary>
    public TimerQueue Timers { get; }

    /// <summary>What grace periods of RCU know of this CPU.</summary>
    internal BlockedReaders Readers { get; } = new();

    /// <summary>Deferred work that waits on this CPU.</summary>
    internal DeferredQueue Deferred { get; } = new();

    /// <summary>Runnable tasks, the running one included, the idle task not. Read without the lock it may be outdated at once.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Switches from one task to another since boot.</summary>
    public long Switches => Trace.Position;

    /// <summary>Clock interrupts that this CPU took since boot.</summary>
    [PerCpu(ReadAnywhere = true)]
    public long ClockInterrupts { get; private set; }

    /// <summary>Tasks that were moved to this CPU by balancing since boot.</summary>
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    public long Pulled { get; internal set; }

    /// <summary>Time that tasks waited for this CPU, nanoseconds, up to the last switch (/proc/schedstat).</summary>
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    public ulong WaitNanoseconds { get; internal set; }

    /// <summary>Rank and priority of the running task in one number, less is more urgent; for placement on other CPUs.</summary>
    internal int RunningUrgency => Volatile.Read(ref _runningUrgency);

    /// <summary>The task that the switch in progress leaves.</summary>
    [GuardedBy(nameof(Lock))]
    internal TaskStruct Previous { get; set; }

    /// <summary>The task that the switch in progress leaves, if it was taken out of the queue because it may not run here and needs a place elsewhere.</summary>
    [PerCpu]
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
        if (!ReferenceEquals(entity.Queue, queue))
        {
            entity.Queue = queue;
        }

        if (reason <= EnqueueReason.Woken)
        {
            task.BeginWaiting(Clock.MonotonicNanoseconds);
        }

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
    internal TaskStruct PickNext()
    {
        SchedulingEntity? next = _top!.PickNext();
        return next is not null ? next.Task : PickBelow();
    }

    /// <summary>Accounts the running task's time up to now.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Charge(TaskStruct running, ulong now)
    {
        ulong ran = now - ChargedUntil;
        if ((long)ran < 0)
        {
            // Another CPU, whose clock is a little ahead, accounted last: nothing ran since.
            return;
        }

        ChargedUntil = now;
        running.CpuTimeNanoseconds += ran;
        SchedulingEntity entity = running.Entity;
        entity.Queue!.Charge(entity, ran, now);
    }

    /// <summary>Accounts the running task's time up to now, from any CPU.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void ChargeNow(TaskStruct running) => Charge(running, Clock.MonotonicNanoseconds);

    /// <summary>Now, but not before what is accounted already: clocks of CPUs differ a little.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal ulong Now()
    {
        ulong now = Clock.MonotonicNanoseconds;
        return now > ChargedUntil ? now : ChargedUntil;
    }

    /// <summary>Accounts the running task's time up to now, for reports: without it a task that nobody interrupts shows old figures. Any context but NMI, any CPU.</summary>
    [NoAllocation]
    public void UpdateAccounting()
    {
        using (Lock.Enter())
        {
            ChargeNow(Running);
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
    /// <returns>True if the new task should run at once. If not, and <see cref="RealTimeBalancer.MayMove"/>, the caller lets it run elsewhere when the lock is released.</returns>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal bool CheckPreemption(TaskStruct queued)
    {
        TaskStruct running = Running;
        int rank = queued.Class.Rank;
        int runningRank = running.Class.Rank;
        if (rank < runningRank
            || (rank == runningRank && queued.Entity.Queue!.Preempts(queued.Entity, running.Entity))
            || (rank > runningRank && running.Entity.Queue!.HoldsBack))
        {
            Kick();
            return true;
        }

        if (_sliceEnd == ClassQueue.NoSlice)
        {
            StartCounting(running);
        }

        return false;
    }

    // The running task was alone.
    [RequiresLock(nameof(Lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StartCounting(TaskStruct running)
    {
        // The clock comes in time for the end of its slice more often than not: then there is no need to know what time it is.
        SchedulingEntity entity = running.Entity;
        ulong left = entity.Queue!.SliceLeft(entity);
        ulong end = EndOfSlice(ChargedUntil, left);
        if (end >= _armed && Index == Cpu.CurrentIndex)
        {
            _sliceEnd = end;
        }
        else
        {
            StartCountingSlowly(running);
        }
    }

    [RequiresLock(nameof(Lock))]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StartCountingSlowly(TaskStruct running)
    {
        if (Index != Cpu.CurrentIndex)
        {
            Kick();
            return;
        }

        ulong now = Now();
        Charge(running, now);
        StartSlice(running, now);
    }

    /// <summary>Sets the end of the running task's slice. On this CPU.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void StartSlice(TaskStruct running, ulong now)
    {
        int urgency = running.Urgency;
        if (urgency != _runningUrgency)
        {
            PublishUrgency(running, urgency);
        }

        ulong end;
        if (_count > 1)
        {
            SchedulingEntity entity = running.Entity;
            ulong left = entity.Queue!.SliceLeft(entity);
            end = EndOfSlice(now, left);
        }
        else
        {
            end = ClassQueue.NoSlice;
        }

        _sliceEnd = end;
        if (end < _armed)
        {
            Arm(end, now);
        }
    }

    // Others place their tasks by it.
    [RequiresLock(nameof(Lock))]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PublishUrgency(TaskStruct running, int urgency)
    {
        // A full fence, before the look at what waits elsewhere: see RealTimeBalancer.
        Interlocked.Exchange(ref _runningUrgency, urgency);
        if (!ReferenceEquals(running, Idle) && IdleCpus.Contains(Index))
        {
            // It halted when the task came that it runs now, and who queued that did not choose it for being idle.
            IdleCpus.Remove(Index);
        }
    }

    // Somebody waits: even where the policy sees no reason for an end, the time comes to look for a CPU that could take it.
    [RequiresLock(nameof(Lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong EndOfSlice(ulong now, ulong left)
    {
        ulong look = _nextBalance;
        return left < BalanceInterval && now + left < look ? now + left : look;
    }

    /// <summary>A timer of this CPU now expires at <paramref name="deadline"/>: makes sure of an interrupt then. On this CPU, interrupts off.</summary>
    [InterruptContext]
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
        if (now >= Volatile.Read(ref _sliceEnd))
        {
            EndSlice(now);
        }

        if (now >= _watchAt)
        {
            _watchAt = _watch!.OnDue(now);
        }

        ulong timer = Timers.NextLatest;
        ulong slice = Volatile.Read(ref _sliceEnd);
        ulong next = timer < slice ? timer : slice;
        next = next < _watchAt ? next : _watchAt;
        if (next != ulong.MaxValue)
        {
            next = next > now ? next : now + LeastGap;
            ClockEvent.Arm(next, now);
        }

        _armed = next;
    }

    /// <summary>Starts what the CPU does at regular times. On this CPU, interrupts off; once.</summary>
    [InterruptContext]
    internal void StartWatch(CpuWatch watch, ulong first)
    {
        _watch = watch;
        _watchAt = first;
        EnsureArmed(first);
    }

    /// <summary>
    /// Rank and priority in one number of the most urgent real-time task that waits here, if there is one here that may run elsewhere; otherwise <see cref="int.MaxValue"/>.
    /// One that this CPU is about to switch to does not wait: it would only displace another one elsewhere, and the switch looks at the rest. Read without the lock it may be outdated at once.
    /// </summary>
    internal int WaitingRealTimeUrgency
    {
        get
        {
            if (Count < 2 || QueueOf(RealTimeClass.DefaultRank) is not RealTimeQueue { HasPushable: true } queue)
            {
                return int.MaxValue;
            }

            int level = queue.WaitingLevel(Running);
            int urgency = (RealTimeClass.DefaultRank << 8) | level;
            return level < RealTimeQueue.Levels && (urgency >= RunningUrgency || queue.IsThrottled) ? urgency : int.MaxValue;
        }
    }

    /// <summary>A real-time task that comes here would run, if it is more urgent than what does.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal bool LetsRealTimeRun(TaskStruct task) => ReferenceEquals(Running, Idle) || (_queues[RealTimeClass.DefaultRank] as RealTimeQueue)!.LetsRun(task);

    /// <summary>The most urgent real-time task that another CPU may take over.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal TaskStruct? FindMovableRealTime(int cpu) => _queues[RealTimeClass.DefaultRank]!.FindMovable(cpu, Running)?.Task;

    /// <summary>A real-time task that waits here is what this CPU switches to in a moment.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal bool IsAboutToRun(TaskStruct task)
        => task.KernelEntity.IsPushable && task.Urgency < Running.Urgency && (_queues[RealTimeClass.DefaultRank] as RealTimeQueue)!.LetsRun(task);

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

    // The first class that has a task lets none run: what comes after it, then who was held back only for the sake of others.
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TaskStruct PickBelow()
    {
        const uint Others = ~(1u << (SchedulingClass.RankCount - 1));
        uint ranks = _ranks & Others;
        for (uint left = ranks & (ranks - 1); left != 0; left &= left - 1)
        {
            if (_queues[BitOperations.TrailingZeroCount(left)]!.PickNext() is { } next)
            {
                return next.Task;
            }
        }

        for (uint left = ranks; left != 0; left &= left - 1)
        {
            if (_queues[BitOperations.TrailingZeroCount(left)]!.PickHeldBack() is { } next)
            {
                return next.Task;
            }
        }

        return Idle;
    }

    [AtomicContext]
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
        if (now >= _nextBalance)
        {
            _nextBalance = now + BalanceInterval;
            balance = _count > 1;
        }

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

        Lock.ReleaseWithInterruptsOff();
        if (balance)
        {
            Balancer.Push(this);
        }
    }
}
