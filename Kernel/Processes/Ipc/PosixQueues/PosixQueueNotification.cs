using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>Who is told, once, that a message came into an empty queue (mq_notify(3)).</summary>
internal abstract class PosixQueueNotification
{
    /// <summary>Makes one.</summary>
    /// <param name="processId">Who is told.</param>
    /// <param name="method">SIGEV_SIGNAL or SIGEV_NONE.</param>
    /// <param name="signal">With SIGEV_SIGNAL: which.</param>
    protected PosixQueueNotification(int processId, int method, int signal)
    {
        ProcessId = processId;
        Method = method;
        Signal = signal;
    }

    /// <summary>Who is told.</summary>
    public int ProcessId { get; }

    /// <summary>SIGEV_SIGNAL or SIGEV_NONE.</summary>
    public int Method { get; }

    /// <summary>With SIGEV_SIGNAL: which.</summary>
    public int Signal { get; }

    /// <summary>A message came. Task context of the sender, no lock held.</summary>
    [MightSleep]
    public abstract void Deliver();
}
