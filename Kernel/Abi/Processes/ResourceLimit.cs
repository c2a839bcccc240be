namespace CosmosKernel.Abi;

/// <summary>Numbers of resource limits (getrlimit(2)).</summary>
public static class ResourceLimit
{
    /// <summary>CPU time, seconds.</summary>
    public const int RLIMIT_CPU = 0;

    /// <summary>Size of a file, bytes.</summary>
    public const int RLIMIT_FSIZE = 1;

    /// <summary>Data segment, bytes.</summary>
    public const int RLIMIT_DATA = 2;

    /// <summary>Stack of the first thread, bytes.</summary>
    public const int RLIMIT_STACK = 3;

    /// <summary>Size of a core file, bytes.</summary>
    public const int RLIMIT_CORE = 4;

    /// <summary>Resident memory, bytes; without effect, as in Linux.</summary>
    public const int RLIMIT_RSS = 5;

    /// <summary>Threads of the user.</summary>
    public const int RLIMIT_NPROC = 6;

    /// <summary>One more than the greatest descriptor.</summary>
    public const int RLIMIT_NOFILE = 7;

    /// <summary>Locked memory, bytes.</summary>
    public const int RLIMIT_MEMLOCK = 8;

    /// <summary>Address space, bytes.</summary>
    public const int RLIMIT_AS = 9;

    /// <summary>File locks; without effect, as in Linux.</summary>
    public const int RLIMIT_LOCKS = 10;

    /// <summary>Queued signals of the user.</summary>
    public const int RLIMIT_SIGPENDING = 11;

    /// <summary>POSIX message queues of the user, bytes.</summary>
    public const int RLIMIT_MSGQUEUE = 12;

    /// <summary>20 less the lowest nice value that may be asked for.</summary>
    public const int RLIMIT_NICE = 13;

    /// <summary>The highest real-time priority that may be asked for.</summary>
    public const int RLIMIT_RTPRIO = 14;

    /// <summary>Time that a real-time task may run without sleeping, microseconds.</summary>
    public const int RLIMIT_RTTIME = 15;

    /// <summary>How many there are.</summary>
    public const int RLIM_NLIMITS = 16;

    /// <summary>No limit.</summary>
    public const ulong RLIM_INFINITY = ulong.MaxValue;
}
