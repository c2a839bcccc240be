using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>One CPU's tasks of the <see cref="RealTimeClass"/>: a ring for each priority, and a bitmap that finds the highest.</summary>
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
internal sealed class RealTimeQueue : ClassQueue
{
    // Priorities 99 to 1 are levels 0 to 98.
    internal const int Levels = SchedulingParameters.HighestRealTime;

    // How many tasks a search for one that may move looks at, so that interrupts are not off for long.
    private const int SearchLimit = 32;

    private readonly EntityRing[] _levels = new EntityRing[Levels];

    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private ulong _levels0;

    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private ulong _levels64;


    // The highest level with a task; meaningful while there is one.
    private int _first = Levels - 1;

    // Tasks that run with what they were lent.
    private int _boosted;

    // Tasks that may run on other CPUs.
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private int _pushable;

    // What was used of the present period, how much may be, and when it ends.
    private ulong _used;
    private ulong _limit = SchedulingLimits.Unlimited;
    private ulong _periodEnd;

    // The limit is used up, and the timer is set for the end of the period.
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    private bool _throttled;

    /// <summary>There is a task that may run on other CPUs; it may be the running one.</summary>
    [LockFree]
    public bool HasPushable => Volatile.Read(ref _pushable) != 0;

    /// <summary>
    /// The highest level with a task that waits while this one runs, or <see cref="Levels"/> or more when there is none. Read without the lock it may be outdated at once.
    /// </summary>
    [LockFree]
    public int WaitingLevel(TaskStruct running)
    {
        ulong low = Volatile.Read(ref _levels0);
        ulong high = Volatile.Read(ref _levels64);
        int level = Lowest(low, high);

        // Of a task's entities only this one is in a ring here. A stopper's is in a ring too: it is done soon, and the switch from it looks again.
        KernelEntity entity = running.KernelEntity;
        if (entity.Level != level || !ReferenceEquals(entity.Next, entity))
        {
            return level;
        }

        // Alone at its level: the next one.
        return level < 64 ? Lowest(low & (low - 1), high) : Lowest(0, high & (high - 1));

        static int Lowest(ulong low, ulong high) => low != 0 ? BitOperations.TrailingZeroCount(low) : 64 + BitOperations.TrailingZeroCount(high);
    }

    /// <summary>The limit is used up. Read without the lock it may be outdated at once.</summary>
    [LockFree]
    public bool IsThrottled => Volatile.Read(ref _throttled);

    /// <summary>A task that comes may run: the limit is not used up, or does not hold it back.</summary>
    public bool LetsRun(TaskStruct task) => !_throttled || task.IsBoosted;

    /// <inheritdoc/>
    public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
    {
        KernelEntity comes = (entity as KernelEntity)!;
        int level = entity.Task.Priority;
        entity.Level = level;
        if (reason is EnqueueReason.Started or EnqueueReason.Woken || entity.SliceLeft == 0)
        {
            entity.SliceLeft = SchedulingLimits.RoundRobinSlice;
        }

        ref EntityRing ring = ref _levels[level];
        if (reason != EnqueueReason.Lowered)
        {
            ring.AddLast(entity);
        }
        else if (ring.Head is { } head && ReferenceEquals(Running, head) && !ReferenceEquals(head, entity))
        {
            // The first of those that wait.
            ring.AddSecond(entity);
        }
        else
        {
            ring.AddFirst(entity);
        }

        Bits(level) |= 1ul << (level & 63);
        if (level < _first || Count == 1)
        {
            _first = level;
        }

        comes.IsBoosted = entity.Task.IsBoosted;
        _boosted += comes.IsBoosted ? 1 : 0;
        _pushable += RealTimeBalancer.Enter(comes);
    }

    /// <inheritdoc/>
    public override void Dequeue(SchedulingEntity entity)
    {
        KernelEntity goes = (entity as KernelEntity)!;
        int level = entity.Level;
        ref EntityRing ring = ref _levels[level];
        ring.Remove(entity);
        if (ring.IsEmpty)
        {
            Bits(level) &= ~(1ul << (level & 63));
            if (level == _first)
            {
                _first = NextLevel(level);
            }
        }

        _boosted -= goes.IsBoosted ? 1 : 0;
        goes.IsBoosted = false;
        _pushable -= RealTimeBalancer.Leave(goes);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override SchedulingEntity? PickNext() => _throttled && _boosted == 0 ? null : _levels[_first].Head;

    /// <inheritdoc/>
    public override SchedulingEntity? PickHeldBack()
    {
        HoldsBack = true;
        return _levels[_first].Head;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
    {
        if (entity.IsRoundRobin)
        {
            ulong left = entity.SliceLeft;
            entity.SliceLeft = nanoseconds < left ? left - nanoseconds : 0;
        }

        ulong used = _used + nanoseconds;
        _used = used;
        if (now >= _periodEnd || used >= _limit)
        {
            CheckPeriod(nanoseconds, now);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Yield(SchedulingEntity entity)
    {
        // A new slice, given when it is picked: what passes until the switch is not its time.
        entity.SliceLeft = 0;
        ref EntityRing ring = ref _levels[entity.Level];
        if (ReferenceEquals(ring.Head, entity))
        {
            ring.Rotate();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override ulong SliceLeft(SchedulingEntity entity)
    {
        // Without a limit this is so far away that it is never reached.
        ulong left = _limit - _used;
        if (!entity.IsRoundRobin)
        {
            return left;
        }

        if (entity.SliceLeft == 0)
        {
            entity.SliceLeft = SchedulingLimits.RoundRobinSlice;
        }

        return left < entity.SliceLeft || ReferenceEquals(entity.Next, entity) ? left : entity.SliceLeft;
    }

    /// <inheritdoc/>
    public override bool SliceExpired(SchedulingEntity entity)
    {
        bool next = _throttled && _boosted == 0;
        if (entity.IsRoundRobin && entity.SliceLeft == 0 && !ReferenceEquals(entity.Next, entity))
        {
            Yield(entity);
            next = true;
        }

        return next;
    }

    /// <inheritdoc/>
    public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => queued.Level < running.Level;

    /// <inheritdoc/>
    public override SchedulingEntity? FindMovable(int cpu, TaskStruct running)
    {
        int looks = SearchLimit;
        for (int level = NextLevel(0); level < Levels && looks > 0; level = NextLevel(level + 1))
        {
            SchedulingEntity head = _levels[level].Head!;
            SchedulingEntity entity = head;
            do
            {
                looks--;
                if (!ReferenceEquals(entity.Task, running) && entity.Task.AllowedCpus.Contains(cpu))
                {
                    return entity;
                }

                entity = entity.Next!;
            }
            while (!ReferenceEquals(entity, head) && looks > 0);
        }

        return null;
    }

    /// <inheritdoc/>
    public override void AffinityChanged(SchedulingEntity entity)
    {
        KernelEntity member = (entity as KernelEntity)!;
        _pushable -= RealTimeBalancer.Leave(member);
        _pushable += RealTimeBalancer.Enter(member);
    }

    /// <inheritdoc/>
    protected override void OnTimer(ulong now)
    {
        if (now < _periodEnd || !_throttled)
        {
            return;
        }

        // What runs now is accounted in the period that is over.
        ChargeRunning();
        BeginPeriod(0, now);

        // Also for the tasks that wait on other CPUs and may run here again.
        RequestReschedule();
    }

    // Out of the way of a switch.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckPeriod(ulong ran, ulong now)
    {
        if (now >= _periodEnd)
        {
            BeginPeriod(ran, now);
        }

        if (_used >= _limit)
        {
            Throttle();
        }
    }

    // Periods follow each other from boot on. Of what was just accounted, only what lies in the new period counts there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginPeriod(ulong ran, ulong now)
    {
        ulong period = SchedulingLimits.RealTimePeriod;
        ulong into = now % period;
        _periodEnd = now - into + period;
        _used = ran < into ? ran : into;
        _limit = SchedulingLimits.RealTimeRuntime < period ? SchedulingLimits.RealTimeRuntime : SchedulingLimits.Unlimited;
        _throttled = false;
        HoldsBack = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Throttle()
    {
        _limit = SchedulingLimits.Unlimited;
        _throttled = true;
        StartTimer(_periodEnd);
    }

    // The first level at or after this one with a task, or Levels or more.
    private int NextLevel(int level)
    {
        while (level < Levels)
        {
            ulong bits = Bits(level) >> (level & 63);
            if (bits != 0)
            {
                return level + BitOperations.TrailingZeroCount(bits);
            }

            level = (level | 63) + 1;
        }

        return level;
    }

    private ref ulong Bits(int level) => ref level < 64 ? ref _levels0 : ref _levels64;
}
