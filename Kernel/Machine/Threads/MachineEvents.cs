using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Threads;

/// <summary>
/// What the machine tells the scheduler. Machine is below Tasks and knows no policy: Tasks puts one instance into
/// <see cref="Instance"/> at boot. A class and not an interface, because a virtual call needs no dispatch cache and may be made in interrupt context.
/// </summary>
public abstract class MachineEvents
{
    [Immutable]
    private static MachineEvents? s_instance;

    /// <summary>The scheduler's instance; null until it has started. Written once, with one CPU running.</summary>
    public static unsafe MachineEvents? Instance
    {
        get => s_instance;
        [BeforePublication]
        set
        {
            s_instance = value;
            InterruptTable.SetReschedule(&PreemptInterrupted);
        }
    }

    /// <summary>
    /// A switch or deferred work was asked for and is possible now: at the end of an outermost interrupt, or where a guard let preemption happen again.
    /// On the thread's own stack, interrupts off; they are off again on return, which may be much later and on another CPU.
    /// </summary>
    [InterruptContext]
    public abstract void Preempt();

    /// <summary>This CPU's clock event reached the armed time. Hard interrupt, interrupts off.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    [InterruptContext]
    public abstract void ClockExpired(ulong now);

    /// <summary>Another CPU asked this one to run its scheduler. Hard interrupt, interrupts off.</summary>
    [InterruptContext]
    public abstract void RescheduleRequested();

    /// <summary>The running thread was watched and may have left its outermost read-side section of RCU. Any context but NMI.</summary>
    public abstract void ReadSectionEnded();

    /// <summary>First code of a new thread, on its stack, interrupts off, the run queue's lock still held by the switch. Does not return.</summary>
    /// <param name="owner">What the thread was created for.</param>
    public abstract void ThreadStarted(object owner);

    /// <summary>A CPU that was just started has its tables, its clock and its boot stack, interrupts off: it enters its idle loop here. Does not return.</summary>
    public abstract void CpuStarted();

    private static void PreemptInterrupted() => s_instance?.Preempt();
}
