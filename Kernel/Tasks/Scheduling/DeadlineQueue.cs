using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// One CPU's tasks of the <see cref="DeadlineClass"/>: those that may run, by deadline, and those that wait for their next period, by its beginning.
/// All times are nanoseconds on the monotonic clock.
/// </summary>
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
internal sealed class DeadlineQueue : ClassQueue
{
    private readonly EntityTree _ready = new();
    private readonly EntityTree _throttled = new();

    /// <inheritdoc/>
    public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
    {
        KernelEntity server = (entity as KernelEntity)!;
        long now = (long)Owner.Now();
        if (server.Runtime != 0 && (server.AbsoluteDeadline == 0 || reason is EnqueueReason.Woken or EnqueueReason.Started))
        {
            WakeRule(server, now);
        }

        if (server.Runtime != 0 && server.Budget <= 0 && server.LentDeadline == 0)
        {
            Throttle(server, now);
        }
        else
        {
            MakeReady(server);
        }
    }

    /// <inheritdoc/>
    public override void Dequeue(SchedulingEntity entity)
    {
        KernelEntity server = (entity as KernelEntity)!;
        if (server.Runtime != 0 && server.Task.State != TaskState.Runnable && (long)Owner.ChargedUntil > server.AbsoluteDeadline)
        {
            // It sleeps: what it had to do is done, too late.
            server.Misses++;
        }

        if (server.IsThrottled)
        {
            _throttled.Remove(server);
            server.IsThrottled = false;
        }
        else
        {
            _ready.Remove(server);
        }
    }

    /// <inheritdoc/>
    public override SchedulingEntity? PickNext() => _ready.First;

    /// <inheritdoc/>
    public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
    {
        KernelEntity server = (entity as KernelEntity)!;
        if (server.Runtime == 0)
        {
            return;
        }

        server.Budget -= (long)nanoseconds;
        if (server.Budget <= 0 && !server.IsThrottled && server.LentDeadline == 0)
        {
            Exhausted(server, (long)now);
        }
    }

    /// <inheritdoc/>
    public override void Yield(SchedulingEntity entity)
    {
        // It has done what it had to in this period (sched_yield(2) for SCHED_DEADLINE).
        KernelEntity server = (entity as KernelEntity)!;
        if (server.Runtime != 0 && !server.IsThrottled && server.LentDeadline == 0)
        {
            server.Budget = Math.Min(server.Budget, 0);
            _ready.Remove(server);
            Throttle(server, (long)Owner.ChargedUntil);
        }
    }

    /// <inheritdoc/>
    public override ulong SliceLeft(SchedulingEntity entity)
    {
        KernelEntity server = (entity as KernelEntity)!;
        return server.Runtime == 0 || server.LentDeadline != 0 ? NoSlice : (ulong)Math.Max(server.Budget, 0);
    }

    /// <inheritdoc/>
    public override bool SliceExpired(SchedulingEntity entity) => !ReferenceEquals(_ready.First, entity);

    /// <inheritdoc/>
    public override bool Preempts(SchedulingEntity queued, SchedulingEntity running)
    {
        KernelEntity comes = (queued as KernelEntity)!;
        KernelEntity runs = (running as KernelEntity)!;
        return !comes.IsThrottled && (runs.IsThrottled || comes.Key < runs.Key);
    }

    /// <inheritdoc/>
    public override SchedulingEntity? FindMovable(int cpu, TaskStruct running) => null;

    /// <inheritdoc/>
    protected override void OnTimer(ulong now)
    {
        // Everybody whose period has begun. Their number is bounded by what one CPU admits.
        ChargeRunning();
        while (_throttled.First is { } server && server.Key <= (long)now)
        {
            _throttled.Remove(server);
            server.IsThrottled = false;
            BeginPeriod(server, (long)now);
            MakeReady(server);
            RequestReschedule();
        }

        StartTimerForNext();
    }

    // A task that comes after a sleep: what is left of its period is still its own if it does not exceed its bandwidth until the deadline.
    // All these times are below 2^32 ns, so their products fit (SchedulingParameters.LongestPeriod).
    private static void WakeRule(KernelEntity server, long now)
    {
        long left = server.AbsoluteDeadline - now;
        if (left <= 0)
        {
            long next = server.AbsoluteDeadline - server.RelativeDeadline + server.Period;
            if (server.AbsoluteDeadline != 0 && next > now)
            {
                // Its deadline is before the end of its period, and has passed: it may run again in the next one.
                server.Budget = Math.Min(server.Budget, 0);
                return;
            }
        }
        else if (server.Budget <= 0 || (ulong)server.Budget * (ulong)server.RelativeDeadline <= (ulong)left * (ulong)server.Runtime)
        {
            return;
        }
        else if (server.RelativeDeadline < server.Period)
        {
            // A new deadline now would come twice in a period: it gets what its bandwidth allows until this one.
            server.Budget = (long)((ulong)left * (ulong)server.Runtime / (ulong)server.RelativeDeadline);
            return;
        }

        server.AbsoluteDeadline = now + server.RelativeDeadline;
        server.Budget = server.Runtime;
    }

    // What it used too much is taken from the periods that follow.
    private static void BeginPeriod(KernelEntity server, long now)
    {
        if (server.AbsoluteDeadline + server.Period <= now)
        {
            // Long ago: nobody waited, and nobody held it back.
            server.AbsoluteDeadline = now + server.RelativeDeadline;
            server.Budget = server.Runtime;
            return;
        }

        long periods = server.Budget > 0 ? 1 : (-server.Budget / server.Runtime) + 1;
        server.AbsoluteDeadline += periods * server.Period;
        server.Budget = Math.Min(server.Budget + (periods * server.Runtime), server.Runtime);
    }

    private void Exhausted(KernelEntity server, long now)
    {
        _ready.Remove(server);
        server.Overruns++;
        if (server.AbsoluteDeadline - server.RelativeDeadline + server.Period <= now)
        {
            BeginPeriod(server, now);
            MakeReady(server);
        }
        else
        {
            Throttle(server, now);
            RequestReschedule();
        }
    }

    private void MakeReady(KernelEntity server)
    {
        server.Key = EffectiveDeadline(server);
        server.Value = 0;
        server.IsThrottled = false;
        server.Task.SetDeadlineUrgency((ulong)server.Key);
        _ready.Add(server);
    }

    private void Throttle(KernelEntity server, long now)
    {
        server.Key = server.AbsoluteDeadline - server.RelativeDeadline + server.Period;
        if (server.Key <= now)
        {
            BeginPeriod(server, now);
            MakeReady(server);
            return;
        }

        server.Value = 0;
        server.IsThrottled = true;
        _throttled.Add(server);
        StartTimerForNext();
    }

    private void StartTimerForNext()
    {
        if (_throttled.First is { } first)
        {
            StartTimer((ulong)first.Key);
        }
    }

    private static long EffectiveDeadline(KernelEntity server)
    {
        long own = server.Runtime == 0 ? long.MaxValue : server.AbsoluteDeadline;
        return server.LentDeadline != 0 && server.LentDeadline < own ? server.LentDeadline : own;
    }
}
