using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Deferred;

/// <summary>Which deferred work runs first on a CPU.</summary>
public enum DeferredUrgency
{
    /// <summary>In the order of the requests.</summary>
    Normal,

    /// <summary>Before all that is normal.</summary>
    High,
}

/// <summary>
/// Work that an interrupt handler leaves for the moment after the interrupt: it runs on the same CPU with interrupts on and preemption off, as soon as the CPU returns to code that may be preempted.
/// It runs at most once for each <see cref="Request"/>, requests before it begins count as one, and it never runs on two CPUs at once. Who wants that makes an object for each CPU.
/// <para>
/// While a spin lock is held on a CPU, or preemption is off for another reason, no deferred work runs there. So a plain <see cref="SpinLock"/> is enough for data that deferred work and tasks share;
/// there is no third kind of lock between it and <see cref="IrqSpinLock"/>.
/// </para>
/// <para>What takes longer than some tens of microseconds, or sleeps, belongs into a work item (<see cref="WorkItem"/>) or a threaded interrupt.</para>
/// </summary>
public abstract class DeferredCall
{
    // Transitions, all by compare-and-exchange or by the CPU that has the object in its list:
    // Idle -> Queued (request) -> Running -> Idle; Running -> Repeat (request) -> Queued; Queued -> Cancelled -> Idle (when its turn comes) or -> Queued (request); Repeat -> Running (cancel).
    private const int Idle = 0;
    private const int Queued = 1;
    private const int Running = 2;
    private const int Repeat = 3;
    private const int Cancelled = 4;

    [Atomic]
    private int _state;

    /// <summary>Makes one that was not requested.</summary>
    /// <param name="urgency">What it runs before.</param>
    protected DeferredCall(DeferredUrgency urgency = DeferredUrgency.Normal)
    {
        Urgency = urgency;
    }

    /// <summary>What it runs before.</summary>
    public DeferredUrgency Urgency { get; }

    /// <summary>The next in the list of a CPU; for that CPU with interrupts off.</summary>
    [PerCpu]
    internal DeferredCall? Next { get; set; }

    /// <summary>
    /// Lets it run on this CPU: at the end of the interrupt, or, asked for in a task, as soon as preemption is on. Any context but NMI.
    /// </summary>
    /// <returns>False when it waits already.</returns>
    [NoAllocation]
    public bool Request()
    {
        ulong flags = InterruptFlag.Disable();
        bool requested = Mark(out bool enqueue);
        if (enqueue)
        {
            RunQueue.Current.Deferred.Add(this);
        }

        Preemption.RestoreInterrupts(flags);
        return requested;
    }

    /// <summary>
    /// Takes back a request that has not been served, and waits until the call is not running on any CPU. Afterwards it does not run unless somebody requests it again.
    /// Task context; not with a spin lock held that the call takes.
    /// </summary>
    /// <returns>True when a request was taken back.</returns>
    public bool CancelAndWait()
    {
        Preemption.AssertMaySleep("Deferred work is cancelled with preemption or interrupts off"u8);
        bool cancelled = false;
        while (Volatile.Read(ref _state) is not (Idle or Cancelled))
        {
            // In a loop: a call that requests itself while it runs is cancelled too.
            cancelled |= Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued
                || Interlocked.CompareExchange(ref _state, Running, Repeat) == Repeat;
            CpuInstructions.Pause();
        }

        return cancelled;
    }

    /// <summary>Does the work. Interrupts on, preemption off: no sleeping, no allocation, no exception.</summary>
    [NoAllocation]
    protected abstract void Run();

    /// <summary>Its turn has come, on the CPU that has it in its list. Interrupts on, preemption off.</summary>
    [NoAllocation]
    internal void Execute()
    {
        // The exchange is a full fence: what was written before a request that now counts as served is seen by Run.
        while (Interlocked.CompareExchange(ref _state, Running, Queued) != Queued)
        {
            // Cancelled; or requested once more, and perhaps cancelled again, since this was looked at.
            if (Interlocked.CompareExchange(ref _state, Idle, Cancelled) == Cancelled)
            {
                return;
            }
        }

        Run();
        while (Interlocked.CompareExchange(ref _state, Idle, Running) != Running)
        {
            if (Interlocked.CompareExchange(ref _state, Queued, Repeat) == Repeat)
            {
                ulong flags = InterruptFlag.Disable();
                RunQueue.Current.Deferred.Add(this);
                InterruptFlag.Restore(flags);
                return;
            }
        }
    }

    private bool Mark(out bool enqueue)
    {
        int state = Volatile.Read(ref _state);
        while (true)
        {
            int next = state switch
            {
                Idle or Cancelled => Queued,
                Running => Repeat,
                _ => state,
            };

            // Exchanged also where nothing changes: a full fence, so that a run that begins later sees what the caller wrote before.
            int seen = Interlocked.CompareExchange(ref _state, next, state);
            if (seen == state)
            {
                enqueue = state == Idle;
                return next != state;
            }

            state = seen;
        }
    }
}
