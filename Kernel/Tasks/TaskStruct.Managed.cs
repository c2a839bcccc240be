using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

// The task as a .NET thread.
public sealed partial class TaskStruct
{
    [Atomic]
    private string _name;

    [Atomic]
    private Thread? _managedThread;

    [Atomic]
    private int _interruptQueued;

    /// <summary>Shown by <c>ps</c>: the name of its .NET thread if that has one, else the task's own.</summary>
    public string Name
    {
        get => Volatile.Read(ref _managedThread)?.Name ?? Volatile.Read(ref _name);
        set => Volatile.Write(ref _name, value);
    }

    /// <summary>
    /// CoreLib's object for the task; null as long as it has none. A task that CoreLib starts has it from the beginning, any other from when it first waits in .NET's way
    /// or asks for <see cref="Thread.CurrentThread"/>.
    /// </summary>
    public Thread? ManagedThread
    {
        get => Volatile.Read(ref _managedThread);
        internal set => Volatile.Write(ref _managedThread, value);
    }

    /// <summary>.NET's own: a worker or a helper of the thread pool, or the thread that runs timers. What it works for belongs to everybody, so it cannot be killed.</summary>
    public bool IsRuntimeThread { get; internal init; }

    /// <summary>The thread that the task has started, until it is known to run: CoreLib's <c>Thread.Start</c> yields until then.</summary>
    [TaskPrivate]
    internal Thread? StartedThread { get; set; }

    /// <summary>The next in the list of tasks whose .NET wait is to be interrupted.</summary>
    [Protocol("Belongs to who claimed the task's place in the list, until the exchange that puts it there; then to who takes the list.")]
    internal TaskStruct? NextToInterrupt { get; set; }

    /// <summary>Takes the task's one place in that list.</summary>
    /// <returns>False if it is in it already.</returns>
    [NoAllocation]
    internal bool ClaimInterrupt() => Interlocked.Exchange(ref _interruptQueued, 1) == 0;

    /// <summary>Gives the place back, before the interrupt is made: one that is asked for later is not lost.</summary>
    [NoAllocation]
    internal void EndInterruptClaim() => Interlocked.Exchange(ref _interruptQueued, 0);
}
