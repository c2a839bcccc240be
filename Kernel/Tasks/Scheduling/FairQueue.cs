using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// One CPU's tasks of the <see cref="FairClass"/>. Virtual times are counted in units of which 65,536 are a nanosecond divided by weight 1, so 64 are one at nice 0:
/// what a yield after a few hundred instructions is charged is right to a percent even at nice -20. They are relative to an origin that follows the
/// virtual time of the queue, and are compared by their difference.
/// <para>The chosen task (<see cref="_current"/>) is outside of the tree, so that charging it costs no work there; it competes at each choice.</para>
/// </summary>
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
internal sealed class FairQueue : ClassQueue
{
    private const int VirtualShift = 16;

    // How far the virtual time may go from the origin before the origin follows: a second at nice 0, so that products fit into 64 bits.
    private const int OriginShift = 36;

    // Up to these, the product of a distance and the weight of all fits into 64 bits.
    private const long NearDistance = 1L << 38;
    private const long LightWeight = 1L << 25;

    // No sooner than this after a choice the next one is made because a task becomes eligible, in nanoseconds.
    private const long ShortestWatch = 100_000;

    // When a task that woke should have had something, in nanoseconds at its share: soon, and the sooner the more weight it has.
    private const ulong WakeDeadline = 5_000;

    // How many tasks a search for one that may move looks at, so that interrupts are not off for long.
    private const int SearchLimit = 32;

    // Lags are kept within a slice and this; and so much may joining tasks shift the others' lags at once.
    private const long Tick = (long)RunQueue.BalanceInterval;

    private readonly EntityTree _tree = new();

    // The task that was chosen last, if it is still here: outside of the tree.
    private KernelEntity? _current;

    private long _origin;

    // Weight of all tasks, and the sum of weight times distance from the origin: their quotient is the virtual time.
    private long _weight;
    private long _weighted;

    // Nanoseconds of lag that tasks brought with them lately, less what ran since.
    private long _brought;

    // A task that woke ahead of its share would preempt the running one if the virtual time had come so far.
    private bool _watched;
    private long _watchedValue;

    // The chosen task yielded: the next choice is among the others.
    private bool _yielded;

    /// <summary>The virtual time of the queue: the weighted average of all virtual runtimes, rounded down.</summary>
    internal long VirtualTime => _weight == 0 ? _origin : _origin + FloorDivide(_weighted, _weight);

    /// <summary>What a member of the queue is owed, in nanoseconds.</summary>
    internal long LagOf(KernelEntity entity) => Product(entity.Weight, VirtualTime - entity.Value);

    /// <inheritdoc/>
    public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
    {
        KernelEntity fair = (entity as KernelEntity)!;
        if (!ReferenceEquals(Owner.Running.Entity, entity))
        {
            ChargeRunning();
        }

        long weight = fair.Weight;
        long value = VirtualTime;
        long lag = reason == EnqueueReason.Started ? 0 : fair.Lag;
        if (reason == EnqueueReason.Woken && lag < 0 && ReferenceEquals(fair.Home, this))
        {
            // While it slept, the others came nearer to what it had too much.
            long ahead = fair.Value - value;
            lag = ahead > 0 ? Math.Max(lag, -Product(weight, ahead)) : 0;
        }

        if (_weight != 0 && lag != 0)
        {
            // Its coming moves the virtual time towards it; it shall have this lag afterwards.
            lag = Admit(lag) << VirtualShift;
            value -= (lag / weight) + (lag / _weight);
        }

        fair.Value = value;
        fair.RequestEnd = value + Virtual(fair, RequestOf(fair, reason));

        // Who wakes is served next, if it is not ahead of its share; of what it asked for it then has half a slice at most. Of those that wake together, the one with the most weight.
        fair.Key = reason == EnqueueReason.Woken && !fair.IsBatch ? value + Virtual(fair, WakeDeadline) : fair.RequestEnd;
        _weight += weight;
        _weighted += weight * (value - _origin);
        _tree.Add(fair);
    }

    /// <inheritdoc/>
    public override void Dequeue(SchedulingEntity entity)
    {
        KernelEntity fair = (entity as KernelEntity)!;
        if (!ReferenceEquals(Owner.Running.Entity, entity))
        {
            ChargeRunning();
        }

        long weight = fair.Weight;
        long limit = (long)fair.Slice + Tick;
        fair.Lag = Within(LagOf(fair), -limit, limit);
        fair.RequestLeft = Product(weight, fair.RequestEnd - fair.Value);
        fair.Home = this;
        _weight -= weight;
        _weighted -= weight * (fair.Value - _origin);
        if (ReferenceEquals(_current, fair))
        {
            _current = null;
            _yielded = false;
        }
        else
        {
            _tree.Remove(fair);
        }

        if (_weight == 0)
        {
            // The next to come begins here.
            _origin = fair.Value;
            _weighted = 0;
            _brought = 0;
            _watched = false;
        }
    }

    /// <inheritdoc/>
    public override SchedulingEntity? PickNext()
    {
        KernelEntity? current = _current;
        KernelEntity? best = Best();
        bool yielded = _yielded;
        _yielded = false;
        if (current is null)
        {
            // Rounding alone can make nobody eligible.
            best ??= _tree.First!;
            _tree.Remove(best);
            _current = best;
            return best;
        }

        if (best is null)
        {
            if (!yielded || _tree.First is null)
            {
                return current;
            }

            best = _tree.First;
        }
        else if (!yielded && current.Key - best.Key <= 0 && IsEligible(current.Value))
        {
            return current;
        }

        _tree.Remove(best);
        _tree.Add(current);
        _current = best;
        return best;
    }

    /// <inheritdoc/>
    public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
    {
        KernelEntity fair = (entity as KernelEntity)!;
        if (!ReferenceEquals(_current, fair))
        {
            MakeCurrent(fair);
        }

        long passed = Virtual(fair, nanoseconds);
        fair.Value += passed;
        _weighted += fair.Weight * passed;
        if (fair.RequestEnd - fair.Value <= 0)
        {
            // It had what it asked for, and asks again.
            fair.RequestEnd = fair.Value + Virtual(fair, fair.Slice);
            fair.Key = fair.RequestEnd;
        }

        if (_brought != 0)
        {
            long ran = (long)Math.Min(nanoseconds, (ulong)Tick);
            _brought = _brought > 0 ? Math.Max(_brought - ran, 0) : Math.Min(_brought + ran, 0);
        }

        if (_weighted >> OriginShift > _weight)
        {
            MoveOrigin();
        }
    }

    /// <inheritdoc/>
    public override void Yield(SchedulingEntity entity)
    {
        if (Count == 1)
        {
            return;
        }

        KernelEntity fair = (entity as KernelEntity)!;
        if (IsEligible(fair.Value))
        {
            // It gives up what it is owed: it is now where the others are on average. So at least one of them is eligible.
            long others = _weighted - (fair.Weight * (fair.Value - _origin));
            long average = -FloorDivide(-others, _weight - fair.Weight);
            fair.Value = _origin + average;
            _weighted = others + (fair.Weight * average);
        }

        fair.RequestEnd = fair.Value + Virtual(fair, fair.Slice);
        fair.Key = fair.RequestEnd;
        _yielded = true;
    }

    /// <inheritdoc/>
    public override ulong SliceLeft(SchedulingEntity entity)
    {
        if (Count == 1)
        {
            return NoSlice;
        }

        KernelEntity fair = (entity as KernelEntity)!;
        long left = Product(fair.Weight, fair.RequestEnd - fair.Value);
        if (_watched)
        {
            // The virtual time reaches it after that much time of this CPU.
            long until = Math.Max(Product(_weight, _watchedValue - VirtualTime), ShortestWatch);
            left = Math.Min(left, until);
        }

        return (ulong)Math.Max(left, 0) + 1;
    }

    /// <inheritdoc/>
    public override bool SliceExpired(SchedulingEntity entity)
    {
        KernelEntity fair = (entity as KernelEntity)!;
        _watched = _watched && !IsEligible(_watchedValue);
        return Best() is { } best && (best.Key - fair.Key < 0 || !IsEligible(fair.Value));
    }

    /// <inheritdoc/>
    public override bool Preempts(SchedulingEntity queued, SchedulingEntity running)
    {
        KernelEntity comes = (queued as KernelEntity)!;
        KernelEntity runs = (running as KernelEntity)!;
        if (comes.IsBatch || runs.IsIdlePolicy)
        {
            return runs.IsIdlePolicy && !comes.IsIdlePolicy;
        }

        if (comes.Key - runs.Key >= 0)
        {
            return false;
        }

        if (!IsEligible(comes.Value))
        {
            // It will be, before the running task's slice ends perhaps: the end of the slice is set anew.
            _watchedValue = !_watched || comes.Value - _watchedValue < 0 ? comes.Value : _watchedValue;
            _watched = true;
        }

        return true;
    }

    /// <inheritdoc/>
    public override SchedulingEntity? FindMovable(int cpu, TaskStruct running)
    {
        if (_current is { } current && !ReferenceEquals(current.Task, running) && current.Task.AllowedCpus.Contains(cpu))
        {
            return current;
        }

        int looks = SearchLimit;
        for (KernelEntity? entity = _tree.First; entity is not null && looks > 0; entity = _tree.Successor(entity))
        {
            if (entity.Task.AllowedCpus.Contains(cpu) && !ReferenceEquals(entity.Task, running))
            {
                return entity;
            }

            looks--;
        }

        return null;
    }

    /// <summary>Whether what the queue knows fits together: for tests.</summary>
    internal bool IsValid()
    {
        long weight = 0;
        long weighted = 0;
        int count = 0;
        for (KernelEntity? entity = _tree.First; entity is not null; entity = _tree.Successor(entity))
        {
            weight += entity.Weight;
            weighted += entity.Weight * (entity.Value - _origin);
            count++;
        }

        if (_current is { } current)
        {
            weight += current.Weight;
            weighted += current.Weight * (current.Value - _origin);
            count++;
        }

        return _tree.IsValid() && weight == _weight && weighted == _weighted && count == Count;
    }

    /// <summary>Calls for each member, for tests.</summary>
    internal void ForEach(Action<KernelEntity> action)
    {
        for (KernelEntity? entity = _tree.First; entity is not null; entity = _tree.Successor(entity))
        {
            action(entity);
        }

        if (_current is { } current)
        {
            action(current);
        }
    }

    // A task that was started or woken asks for half a slice first, so that it is in line with all others soon. One that only moved asks for what was left.
    private static ulong RequestOf(KernelEntity entity, EnqueueReason reason)
    {
        ulong slice = entity.Slice;
        if (reason is EnqueueReason.Started or EnqueueReason.Woken)
        {
            return entity.IsBatch ? slice : slice / 2;
        }

        return entity.RequestLeft > 0 && (ulong)entity.RequestLeft < slice ? (ulong)entity.RequestLeft : slice;
    }

    // Virtual time of so many nanoseconds of CPU time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Virtual(KernelEntity entity, ulong nanoseconds) =>
        nanoseconds <= uint.MaxValue
            ? (long)((nanoseconds * entity.InverseWeight) >> VirtualShift)
            : (long)((nanoseconds >> VirtualShift) * entity.InverseWeight);

    // Nanoseconds at the weight of so much virtual time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Product(long weight, long distance) =>
        (ulong)(distance + NearDistance) < 2 * NearDistance ? (weight * distance) >> VirtualShift : (long)(((Int128)weight * distance) >> VirtualShift);

    // Math.Clamp can throw.
    private static long Within(long value, long least, long most) => value < least ? least : value > most ? most : value;

    private static long FloorDivide(long dividend, long divisor)
    {
        long quotient = dividend / divisor;
        return quotient * divisor > dividend ? quotient - 1 : quotient;
    }

    // Not ahead of the virtual time: its distance from the origin is at most the average. No division.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsEligible(long value)
    {
        long distance = value - _origin;
        return (ulong)(distance + NearDistance) < 2 * NearDistance && _weight < LightWeight
            ? distance * _weight <= _weighted
            : IsFarEligible(distance);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsFarEligible(long distance) => (Int128)distance * _weight <= _weighted;

    // The eligible member of the tree with the earliest deadline. The first one, as a rule; otherwise down the tree, left wherever there is somebody eligible.
    private KernelEntity? Best()
    {
        KernelEntity? first = _tree.First;
        if (first is null || IsEligible(first.Value))
        {
            return first;
        }

        KernelEntity? at = _tree.Root;
        while (at is not null)
        {
            if (at.Left is { } left && IsEligible(left.LeastValue))
            {
                at = left;
            }
            else if (IsEligible(at.Value))
            {
                return at;
            }
            else
            {
                at = at.Right;
            }
        }

        return null;
    }

    // What a task brings is kept, but all that come in a short time together shift what the others are owed by a tick at most.
    private long Admit(long lag)
    {
        long admitted = Within(lag, -Tick - _brought, Tick - _brought);
        admitted = lag > 0 ? Math.Max(admitted, 0) : Math.Min(admitted, 0);
        _brought += admitted;
        return admitted;
    }

    // A task runs that was not chosen here: the one that the kernel began with.
    private void MakeCurrent(KernelEntity entity)
    {
        _tree.Remove(entity);
        if (_current is { } current)
        {
            _tree.Add(current);
        }

        _current = entity;
    }

    private void MoveOrigin()
    {
        long distance = FloorDivide(_weighted, _weight);
        _origin += distance;
        _weighted -= distance * _weight;
    }
}
