using System;
using System.Threading;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Deferred;

/// <summary>What the first look at an interrupt says.</summary>
public enum InterruptCheck
{
    /// <summary>The device did not ask: another one on the same line did.</summary>
    NotMine,

    /// <summary>Served already.</summary>
    Done,

    /// <summary>The handler's thread has to serve it.</summary>
    WakeThread,
}

/// <summary>
/// An interrupt handler in two halves: <see cref="Check"/> looks, in the interrupt, whether the device asked and quietens it if that is quick; <see cref="ServeInThread"/> does the work in a task
/// of its own, where it may sleep, allocate and take any lock, and where a more urgent task may come first.
/// <para>
/// A level-triggered line is masked from the check to the end of the thread's work, so a device that cannot be quietened at once does not interrupt in a circle; others on the line wait meanwhile.
/// On an edge-triggered line nothing is masked, and an interrupt that comes while the thread works lets it work once more: it must then serve all that the device has.
/// </para>
/// </summary>
public abstract class ThreadedInterruptHandler : InterruptHandler
{
    /// <summary>How urgent the thread is: real time 50 of 99.</summary>
    public const int ThreadPriority = 49;

    private readonly Completion _work = new("interrupt");
    [Atomic]
    private int _isWanted;

    [Atomic]
    private int _isStopping;

    [Protocol("Used by whoever starts and stops the handler, one after the other.")]
    private TaskStruct? _thread;

    /// <summary>How often the thread had work.</summary>
    [Protocol("Written by the handler's thread; read by reports.")]
    public ulong ThreadRuns { get; private set; }

    /// <summary>Starts the thread; before the handler is added to its line. Task context.</summary>
    /// <exception cref="InvalidOperationException">It has been started.</exception>
    [MightSleep]
    public void StartThread()
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException($"The thread of interrupt handler '{Name}' has been started.");
        }

        Volatile.Write(ref _isStopping, 0);
        _thread = KernelTask.Start(new TaskOptions { Name = $"irq/{Name}", Priority = ThreadPriority }, Loop);
    }

    /// <summary>Ends the thread, after the work that it was woken for; after the handler was removed from its line. Task context.</summary>
    [MightSleep]
    public void StopThread()
    {
        if (_thread is { } thread)
        {
            Volatile.Write(ref _isStopping, 1);
            _work.Complete();
            thread.JoinUninterruptible();
            _thread = null;
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public sealed override bool Handle()
    {
        switch (Check())
        {
            case InterruptCheck.NotMine:
                return false;
            case InterruptCheck.WakeThread:
                DeviceInterrupts.Mask(this);

                // Pairs with the exchange in Loop: the thread either has not begun to serve what asks here, or comes again.
                if (Interlocked.Exchange(ref _isWanted, 1) == 0)
                {
                    _work.Complete();
                }

                return true;
            default:
                return true;
        }
    }

    /// <summary>First half: hard-interrupt context, interrupts off. Short; no allocation, no exception.</summary>
    [InterruptContext]
    protected abstract InterruptCheck Check();

    /// <summary>Second half: in the handler's thread. An exception that leaves it ends the thread and is reported, and the line stays masked if it was.</summary>
    protected abstract void ServeInThread();

    private int Loop()
    {
        while (true)
        {
            _work.Wait();
            if (Interlocked.Exchange(ref _isWanted, 0) != 0)
            {
                ServeInThread();
                ThreadRuns++;
                DeviceInterrupts.Unmask(this);
            }
            else if (Volatile.Read(ref _isStopping) != 0)
            {
                return 0;
            }
        }
    }
}
