namespace CosmosKernel.Abi.Security;

/// <summary>Numbers of seccomp(2).</summary>
public static class SeccompConstants
{
    /// <summary>SECCOMP_SET_MODE_STRICT.</summary>
    public const uint SetModeStrict = 0;

    /// <summary>SECCOMP_SET_MODE_FILTER.</summary>
    public const uint SetModeFilter = 1;

    /// <summary>SECCOMP_GET_ACTION_AVAIL.</summary>
    public const uint GetActionAvailable = 2;

    /// <summary>SECCOMP_GET_NOTIF_SIZES.</summary>
    public const uint GetNotificationSizes = 3;

    /// <summary>SECCOMP_FILTER_FLAG_TSYNC: all threads of the process get the filter.</summary>
    public const uint FlagAllThreads = 1;

    /// <summary>SECCOMP_FILTER_FLAG_LOG.</summary>
    public const uint FlagLog = 2;

    /// <summary>SECCOMP_FILTER_FLAG_SPEC_ALLOW: no mitigation of speculation, of which there is none anyway.</summary>
    public const uint FlagSpeculationAllowed = 4;

    /// <summary>SECCOMP_FILTER_FLAG_NEW_LISTENER.</summary>
    public const uint FlagNewListener = 8;

    /// <summary>SECCOMP_FILTER_FLAG_TSYNC_ESRCH: a thread that cannot get the filter gives ESRCH, not its id.</summary>
    public const uint FlagAllThreadsError = 16;

    /// <summary>SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.</summary>
    public const uint FlagWaitKillable = 32;

    /// <summary>Bytes of <c>struct seccomp_data</c>.</summary>
    public const int DataBytes = 64;

    /// <summary>Bytes of <c>struct seccomp_notif</c>.</summary>
    public const int NotificationBytes = 80;

    /// <summary>Bytes of <c>struct seccomp_notif_resp</c>.</summary>
    public const int ResponseBytes = 24;

    /// <summary>AUDIT_ARCH_X86_64.</summary>
    public const uint Architecture = 0xC000_003E;

    /// <summary>The higher bits of a filter's result: what is done.</summary>
    public const uint ActionMask = 0xFFFF_0000;

    /// <summary>The lower bits: an errno, or what a tracer learns.</summary>
    public const uint DataMask = 0xFFFF;
}
