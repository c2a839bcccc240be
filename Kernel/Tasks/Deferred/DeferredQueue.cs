using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Deferred;

/// <summary>
/// The deferred work of one CPU. Only that CPU touches it, with interrupts off, so it has no lock. It is served where a switch would be possible: at the end of an interrupt or where preemption
/// goes on again. What does not fit into a time slot is left to a task of the CPU, which competes with others as any task does: a flood of interrupts then slows their own work down,
/// not the whole machine.
/// </summary>
internal sealed class DeferredQueue
{
    /// <summary>The longest that calls are served in one go, nanoseconds; the one that runs when the time is over is the last.</summary>
    public const ulong TimeBudget = 1_000_000;

    /// <summary>The most calls that are served in one go.</summary>
    public const int CallBudget = 64;

    // This CPU only, interrupts off.
    [PerCpu]
    private DeferredCall? _first;

    [PerCpu]
    private DeferredCall? _last;

    [PerCpu]
    private DeferredCall? _firstHigh;

    [PerCpu]
    private DeferredCall? _lastHigh;

    [PerCpu]
    private bool _isLeftToTask;

    // Written by this CPU, read by the grace period's task on others.
    [Atomic]
    private int _serving;

    // Null until there is a task.
    [Atomic]
    private Completion? _left;

    /// <summary>Calls are being served on this CPU. Read on other CPUs; set with a full fence.</summary>
    public bool IsServing => Volatile.Read(ref _serving) != 0;

    /// <summary>Calls that were served, and how often the rest was left to the task; for reports.</summary>
    [Protocol("Written by this CPU with interrupts off; read by reports.")]
    public ulong Served { get; private set; }

    /// <summary>How often the rest was left to the task.</summary>
    [Protocol("Written by this CPU with interrupts off; read by reports.")]
    public ulong Overflows { get; private set; }

    /// <summary>Adds a call that is in no list. On this CPU, interrupts off.</summary>
    [NoAllocation]
    [AtomicContext]
    public void Add(DeferredCall call)
    {
        call.Next = null;
        if (call.Urgency == DeferredUrgency.High)
        {
            Append(call, ref _firstHigh, ref _lastHigh);
        }
        else
        {
            Append(call, ref _first, ref _last);
        }

        if (!IsServing && !_isLeftToTask)
        {
            LocalCpu.DeferredPending = true;
        }
    }

    /// <summary>Serves what waits. On this CPU, where a switch is possible: interrupts off, preemption count 0; both are so again on return.</summary>
    [NoAllocation]
    [AtomicContext]
    public void Serve()
    {
        LocalCpu.DeferredPending = false;
        Preemption.Begin();

        // A full fence, for GracePeriods.IsIdle: what the calls read is not older than what was written before somebody found this CPU idle.
        Interlocked.Exchange(ref _serving, 1);
        ulong end = 0;
        int left = CallBudget;
        while (TakeFirst() is { } call)
        {
            InterruptFlag.Enable();
            call.Execute();
            InterruptFlag.Disable();
            if (!IsEmpty && IsOverBudget(--left, ref end) && Volatile.Read(ref _left) is { } task)
            {
                _isLeftToTask = true;
                Overflows++;
                task.Complete();
                break;
            }
        }

        Volatile.Write(ref _serving, 0);
        Preemption.End();
    }

    /// <summary>Starts the task that serves what is too much. Once for each CPU, in a task.</summary>
    [MightSleep]
    public void StartTask(int cpu)
    {
        var left = new Completion("deferred work");
        KernelTask.Start(new TaskOptions { Name = $"deferred/{cpu}", Affinity = CpuSet.Of(cpu), Detached = true }, () => ServeInTask(left));
        Volatile.Write(ref _left, left);
    }

    // The time begins with the end of the first call: one call alone does not read the clock.
    [NoAllocation]
    private static bool IsOverBudget(int left, ref ulong end)
    {
        ulong now = Clock.MonotonicNanoseconds;
        end = end == 0 ? now + TimeBudget : end;
        return left <= 0 || now >= end;
    }

    [AtomicContext]
    private bool IsEmpty => _first is null && _firstHigh is null;

    private int ServeInTask(Completion left)
    {
        while (true)
        {
            left.Wait();
            while (ServeOneInTask())
            {
            }
        }
    }

    // One by one, and preemptible in between.
    private bool ServeOneInTask()
    {
        ulong flags = InterruptFlag.Disable();
        DeferredCall? call = TakeFirst();
        if (call is null)
        {
            _isLeftToTask = false;
            Preemption.RestoreInterrupts(flags);
            return false;
        }

        Preemption.Begin();
        InterruptFlag.Restore(flags);
        call.Execute();
        Preemption.End();
        return true;
    }

    [NoAllocation]
    [AtomicContext]
    private DeferredCall? TakeFirst()
    {
        DeferredCall? call = _firstHigh is not null ? Take(ref _firstHigh, ref _lastHigh) : Take(ref _first, ref _last);
        if (call is not null)
        {
            Served++;
        }

        return call;
    }

    [NoAllocation]
    [AtomicContext]
    private static void Append(DeferredCall call, ref DeferredCall? first, ref DeferredCall? last)
    {
        if (last is not null)
        {
            last.Next = call;
        }
        else
        {
            first = call;
        }

        last = call;
    }

    [NoAllocation]
    [AtomicContext]
    private static DeferredCall? Take(ref DeferredCall? first, ref DeferredCall? last)
    {
        DeferredCall? call = first;
        if (call is not null)
        {
            first = call.Next;
            call.Next = null;
            if (first is null)
            {
                last = null;
            }
        }

        return call;
    }
}

/// <summary>Starts what deferred work needs.</summary>
public static class DeferredWork
{
    /// <summary>Starts a task for each CPU that schedules. Once, at boot, when all CPUs are up. Calls may be requested before.</summary>
    [MightSleep]
    public static void Start()
    {
        for (int cpu = 0; cpu < Scheduling.RunQueues.Limit; cpu++)
        {
            Scheduling.RunQueues.Get(cpu)?.Deferred.StartTask(cpu);
        }
    }

    /// <summary>Calls that CPU <paramref name="cpu"/> served since boot, and how often there were too many for one go.</summary>
    public static (ulong Served, ulong Overflows) Statistics(int cpu) =>
        Scheduling.RunQueues.Get(cpu)?.Deferred is { } queue ? (queue.Served, queue.Overflows) : default;
}
