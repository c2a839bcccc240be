namespace CosmosKernel.Abi;

/// <summary>Numbers of POSIX message queues (mq_overview(7)).</summary>
public static class QueueConstants
{
    /// <summary>MQ_PRIO_MAX: priorities are less.</summary>
    public const int Priorities = 32768;

    /// <summary>HARD_MSGMAX: most messages of a queue, whoever asks.</summary>
    public const int MostMessages = 65536;

    /// <summary>HARD_MSGSIZEMAX: most bytes of a message, whoever asks.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>What a message costs beside its bytes (RLIMIT_MSGQUEUE, getrlimit(2)).</summary>
    public const int MessageOverhead = 48;

    /// <summary>What each priority that can be in use costs.</summary>
    public const int PriorityOverhead = 48;

    /// <summary>mq_notify(3) with SIGEV_THREAD: bytes of the message that a netlink socket would get.</summary>
    public const int CookieBytes = 32;

    /// <summary>st_size of a queue's file.</summary>
    public const int FileBytes = 80;
}
