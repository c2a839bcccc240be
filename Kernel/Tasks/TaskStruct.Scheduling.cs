using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks;

// How a task is scheduled: what it asked for, what others lend it, and what follows from both.
public sealed partial class TaskStruct
{
    // The entity for the kernel's own classes: there from the beginning, so that a lender's class can be taken over without memory.
    private readonly KernelEntity _kernelEntity;

    // What the task asked for.
    [GuardedBy(nameof(WakeLock))]
    private SchedulingParameters _own;

    // The entity of the module's class that it asked for.
    [GuardedBy(nameof(WakeLock))]
    private SchedulingEntity? _moduleEntity;

    // What it was lent.
    [GuardedBy(nameof(WakeLock))]
    private SchedulingUrgency _lent = SchedulingUrgency.Ordinary;

    [Atomic]
    private ulong _urgencyKey;

    // What a CPU promised to it as a deadline task, on which one (-1: none), and where it may run without that.
    [GuardedBy(nameof(WakeLock))]
    private long _promised;

    [GuardedBy(nameof(WakeLock))]
    private int _promisedOn = -1;

    [GuardedBy(nameof(WakeLock))]
    private CpuSet _ownAffinity;

    // ---- Guarded by the lock of the run queue that it belongs to; changed with WakeLock held too, so that either is enough to read ----

    /// <summary>
    /// Where the task stands now on the kernel's one scale, loans included: 0 (most urgent) to 98 are the real-time priorities 99 to 1, 100 to 139 nice -20 to 19,
    /// -1 a deadline. Changed by <see cref="SetScheduling"/>.
    /// </summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public int Priority { get; private set; }

    /// <summary>The nice value that it asked for, whatever its policy.</summary>
    public int Nice => GetScheduling().Nice;

    /// <summary>The class that schedules it now, loans included.</summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public SchedulingClass Class { get; private set; }

    /// <summary>What its class keeps.</summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal SchedulingEntity Entity { get; private set; }

    /// <summary>Rank of the class and priority in one number for placement: less is more urgent.</summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal int Urgency { get; private set; }

    /// <summary>It runs with what it was lent.</summary>
    [GuardedBy(nameof(WakeLock))]
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    internal bool IsBoosted { get; private set; }

    /// <summary>
    /// How urgent the task is now, loans included: what orders it among the waiters of a lock, and what it lends to the holder. Any context; outdated at once
    /// unless the caller excludes changes; a change while the task waits is told to <see cref="UrgencyLink"/>.
    /// </summary>
    public SchedulingUrgency EffectiveUrgency => new(Volatile.Read(ref _urgencyKey));

    /// <summary>What the task waits for that wants to know of changes of its urgency; null for none. Set by the task itself, before its place among the waiters is taken.</summary>
    internal UrgencyLink? UrgencyLink
    {
        get => Volatile.Read(ref _urgencyLink);
        set => Volatile.Write(ref _urgencyLink, value);
    }

    [Atomic]
    private UrgencyLink? _urgencyLink;

    /// <summary>The first of the locks that it holds and others wait for who lend it their urgency. Guarded by the lock that guards the order of their waiters.</summary>
    [Protocol("Read and written with the lock held that guards the order of the waiters: PriorityInheritance.Lock in Kernel/Locking, which this assembly cannot name.")]
    internal UrgencyLink? HeldLinks { get; set; }

    /// <summary>What the task asked for; loans are not in it. Any context but NMI.</summary>
    public SchedulingParameters GetScheduling()
    {
        using (WakeLock.Enter())
        {
            return _own;
        }
    }

    /// <summary>
    /// Changes how the task is scheduled, whatever it is doing; a switch that becomes due happens at once (sched_setattr(2)). Any context but NMI;
    /// task context for a class of a module, which may allocate.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">Numbers contradict each other or the policy; the class is not registered.</exception>
    /// <exception cref="SchedulingRefusedException">No CPU where the task may run has enough time left for its deadline. Nothing has changed.</exception>
    public void SetScheduling(SchedulingParameters parameters)
    {
        // Until the task has it, the class does not go.
        using SchedulingClassUse use = SchedulingClassUse.Of(parameters.Class);
        parameters.Validate();
        SchedulingEntity? entity = parameters.Class?.CreateEntity(this);
        ulong before = 0;
        bool admitted;
        using (WakeLock.Enter())
        {
            admitted = Admit(parameters, out CpuSet affinity);
            if (admitted)
            {
                before = Volatile.Read(ref _urgencyKey);
                _own = parameters;
                SchedulingEntity? old = _moduleEntity;
                _moduleEntity = entity;
                Reschedule(!ReferenceEquals(old, entity));
                if (affinity != AllowedCpus)
                {
                    ApplyAffinity(affinity);
                }
            }
        }

        if (!admitted)
        {
            throw new SchedulingRefusedException($"No CPU has {parameters.Runtime} ns in each {parameters.Deadline} ns left for {this}: 95 % of a CPU can be promised to deadline tasks.");
        }

        if (before != Volatile.Read(ref _urgencyKey))
        {
            UrgencyLink?.UrgencyChanged(this);
        }
    }

    /// <summary>Changes to the policy and priority that a number on the kernel's one scale stands for. Any context but NMI.</summary>
    /// <param name="priority">0 to 98 for FIFO 99 to 1, 100 to 139 for nice -20 to 19 (<see cref="TaskPriority"/>).</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a priority.</exception>
    public void SetPriority(int priority) => SetScheduling(SchedulingParameters.FromPriority(priority));

    /// <summary>Changes the nice value and keeps the policy (setpriority(2)): it counts when the policy is a fair one. Any context but NMI.</summary>
    /// <param name="nice">-20 (most CPU) to 19.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a nice value.</exception>
    public void SetNice(int nice)
    {
        TaskPriority.FromNice(nice);
        using (WakeLock.Enter())
        {
            _own = _own with { Nice = nice };
            Reschedule(false);
        }
    }

    /// <summary>Whatever it is doing, it goes on under the ordinary policy if a class of a module schedules it that goes. Any context but NMI.</summary>
    /// <param name="policy">The class; null for any that is a module's.</param>
    internal void LeaveClass(SchedulingClass? policy)
    {
        ulong before;
        using (WakeLock.Enter())
        {
            if (_own.Class is null || (policy is not null && !ReferenceEquals(_own.Class, policy)))
            {
                return;
            }

            before = Volatile.Read(ref _urgencyKey);
            _own = _own.WithoutClass();
            _moduleEntity = null;
            Reschedule(true);
        }

        if (before != Volatile.Read(ref _urgencyKey))
        {
            UrgencyLink?.UrgencyChanged(this);
        }
    }

    /// <summary>
    /// Lends the task an urgency: until further notice it is scheduled as urgently as its own parameters or this say, whichever is more. A real-time urgency makes it a
    /// real-time task of that priority, which no slice ends; a deadline makes it compete with that deadline without a budget, since who waits for it has admitted one.
    /// Replaces what was lent before; <see cref="SchedulingUrgency.Ordinary"/> takes it back.
    /// <para>For locks with priority inheritance only: they call it for the holder with the lock held that guards the order of the waiters, so that loans follow each other
    /// as the order does, and pass on a change of the holder's <see cref="EffectiveUrgency"/> along the chain themselves. The task may be running anywhere, queued,
    /// sleeping, or in the middle of being woken. Takes the task's wake lock and run queue locks. Any context but NMI.</para>
    /// </summary>
    /// <returns>True when the effective urgency of the task changed: what it waits for itself has to be told.</returns>
    [NoAllocation]
    internal bool Lend(SchedulingUrgency urgency)
    {
        using (WakeLock.Enter())
        {
            if (_lent == urgency)
            {
                return false;
            }

            _lent = urgency;
            ulong before = Volatile.Read(ref _urgencyKey);
            Reschedule(false);
            return before != Volatile.Read(ref _urgencyKey);
        }
    }

    /// <summary>Times that the task used up its runtime as a deadline task and wanted more.</summary>
    public long DeadlineOverruns => Volatile.Read(ref _kernelEntity.Overruns);

    /// <summary>Times that the task finished a period's work as a deadline task after the deadline.</summary>
    public long DeadlineMisses => Volatile.Read(ref _kernelEntity.Misses);

    /// <summary>The task as a member of the queues of the kernel's own classes, for tests and reports.</summary>
    internal KernelEntity KernelEntity => _kernelEntity;

    /// <summary>Gives back what was promised to a deadline task that ends, or that is never started.</summary>
    [RequiresLock(nameof(WakeLock))]
    [NoAllocation]
    internal void GiveBackPromise()
    {
        if (_promisedOn >= 0)
        {
            DeadlineBandwidth.Change(0, CpuSet.Empty, 0, _promised, _promisedOn);
            _promisedOn = -1;
        }
    }

    /// <summary>Its deadline is another one now.</summary>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [NoAllocation]
    internal void SetDeadlineUrgency(ulong deadline) => Volatile.Write(ref _urgencyKey, SchedulingUrgency.Deadline(deadline).Key);

    // Has a CPU promised what new parameters need, and given back what the old ones needed.
    [RequiresLock(nameof(WakeLock))]
    private bool Admit(in SchedulingParameters parameters, out CpuSet affinity)
    {
        // Who has ended needs nothing any more, and would give nothing back.
        long needed = State is TaskState.Zombie or TaskState.Dead ? 0 : DeadlineBandwidth.Of(parameters);
        affinity = _promisedOn >= 0 ? _ownAffinity : AllowedCpus;
        if (needed == 0 && _promisedOn < 0)
        {
            return true;
        }

        int cpu = DeadlineBandwidth.Change(needed, affinity, Cpu, _promised, _promisedOn);
        if (cpu < 0 && needed != 0)
        {
            return false;
        }

        _ownAffinity = affinity;
        _promised = needed;
        _promisedOn = cpu;
        affinity = cpu < 0 ? affinity : CpuSet.Of(cpu);
        return true;
    }

    /// <summary>The task becomes its CPU's stopper. For the task itself, which may run on that CPU only.</summary>
    internal void BecomeStopper()
    {
        using (WakeLock.Enter())
        {
            _own = new SchedulingParameters { Policy = SchedulingPolicy.Stop };
            Reschedule(false);
        }
    }

    /// <summary>Sets the first scheduling of a task that nobody else knows yet, or of an idle task.</summary>
    [BeforePublication]
    [MemberNotNull(nameof(Class), nameof(Entity))]
    private void InitializeScheduling(in SchedulingParameters parameters)
    {
        _own = parameters;
        _moduleEntity = parameters.Class?.CreateEntity(this);
        Take(SchedulingClasses.For(_own), _own.Priority);
    }

    // Makes what follows from _own and _lent true, wherever the task is. A new entity of the class that it has already counts as another class.
    [RequiresLock(nameof(WakeLock))]
    [NoAllocation]
    private void Reschedule(bool newEntity)
    {
        SchedulingClass policy = SchedulingClasses.For(_own);
        int priority = _own.Priority;
        bool boosted = _lent < OwnUrgency();
        if (boosted)
        {
            policy = SchedulingClasses.For(_lent);
            priority = _lent.IsRealTime ? (int)_lent.Value : TaskPriority.Deadline;
        }

        RunQueue queue = WakeUp.LockQueueOf(this);
        bool push = false;
        IsBoosted = boosted;
        bool running = ReferenceEquals(queue.Running, this);
        if (running)
        {
            queue.ChargeNow(this);
        }

        if (!IsQueued)
        {
            Take(policy, priority);
        }
        else if (!newEntity && ReferenceEquals(policy, Class) && priority == Priority && policy.KeepsPlace)
        {
            policy.Configure(Entity, _own);
        }
        else
        {
            int before = Urgency;
            queue.Dequeue(this);
            Take(policy, priority);
            queue.Enqueue(this, Urgency < before ? EnqueueReason.Raised : Urgency > before ? EnqueueReason.Lowered : EnqueueReason.Changed);
            if (running)
            {
                // It may now be less urgent than what waits.
                queue.Kick();
            }
            else
            {
                push = !queue.CheckPreemption(this) && RealTimeBalancer.MayMove(this);
            }
        }

        queue.Lock.ReleaseWithInterruptsOff();
        if (push)
        {
            RealTimeBalancer.Push(queue);
        }
    }

    // The task is in no run queue.
    [RequiresLock(nameof(WakeLock))]
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [NoAllocation]
    [MemberNotNull(nameof(Class), nameof(Entity))]
    private void Take(SchedulingClass policy, int priority)
    {
        Class = policy;
        Priority = priority;
        Entity = ReferenceEquals(policy, _own.Class) ? _moduleEntity! : _kernelEntity;
        Urgency = (policy.Rank << 8) | Math.Max(priority, 0);
        _kernelEntity.LentDeadline = _lent.IsDeadline ? (long)_lent.Value : 0;
        policy.Configure(Entity, _own);
        SchedulingUrgency own = OwnUrgency();
        Volatile.Write(ref _urgencyKey, _lent < own ? _lent.Key : own.Key);
    }

    // A class of a module has no place among the urgencies: if it comes before the fair class, it counts as the lowest real-time priority.
    [RequiresLock(nameof(WakeLock))]
    [NoAllocation]
    private SchedulingUrgency OwnUrgency() => _own.Policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => SchedulingUrgency.RealTime(_own.RealTimePriority),
        SchedulingPolicy.Module when _own.Class!.Rank < SchedulingClasses.Default.Rank => SchedulingUrgency.RealTime(SchedulingParameters.LowestRealTime),
        SchedulingPolicy.Deadline => SchedulingUrgency.Deadline((ulong)Volatile.Read(ref _kernelEntity.AbsoluteDeadline)),
        SchedulingPolicy.Stop => SchedulingUrgency.Stop,
        _ => SchedulingUrgency.Ordinary,
    };
}
