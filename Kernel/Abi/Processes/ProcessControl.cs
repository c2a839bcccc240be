namespace CosmosKernel.Abi;

/// <summary>Options of prctl(2).</summary>
public static class ProcessControl
{
    /// <summary>The signal that comes when the parent ends.</summary>
    public const int PR_SET_PDEATHSIG = 1;

    /// <summary>Reads it.</summary>
    public const int PR_GET_PDEATHSIG = 2;

    /// <summary>Whether memory may be written to a core file.</summary>
    public const int PR_GET_DUMPABLE = 3;

    /// <summary>Sets it.</summary>
    public const int PR_SET_DUMPABLE = 4;

    /// <summary>Not on x86-64.</summary>
    public const int PR_GET_UNALIGN = 5;

    /// <summary>Not on x86-64.</summary>
    public const int PR_SET_UNALIGN = 6;

    /// <summary>Whether capabilities stay when the user id changes.</summary>
    public const int PR_GET_KEEPCAPS = 7;

    /// <summary>Sets it.</summary>
    public const int PR_SET_KEEPCAPS = 8;

    /// <summary>Not on x86-64.</summary>
    public const int PR_GET_FPEMU = 9;

    /// <summary>Not on x86-64.</summary>
    public const int PR_SET_FPEMU = 10;

    /// <summary>Not on x86-64.</summary>
    public const int PR_GET_FPEXC = 11;

    /// <summary>Not on x86-64.</summary>
    public const int PR_SET_FPEXC = 12;

    /// <summary>How process times are measured.</summary>
    public const int PR_GET_TIMING = 13;

    /// <summary>Sets it; only statistical timing exists.</summary>
    public const int PR_SET_TIMING = 14;

    /// <summary>The thread's name.</summary>
    public const int PR_SET_NAME = 15;

    /// <summary>Reads it.</summary>
    public const int PR_GET_NAME = 16;

    /// <summary>Not on x86-64.</summary>
    public const int PR_GET_ENDIAN = 19;

    /// <summary>Not on x86-64.</summary>
    public const int PR_SET_ENDIAN = 20;

    /// <summary>The mode of seccomp.</summary>
    public const int PR_GET_SECCOMP = 21;

    /// <summary>Sets it.</summary>
    public const int PR_SET_SECCOMP = 22;

    /// <summary>Whether a capability is in the bounding set.</summary>
    public const int PR_CAPBSET_READ = 23;

    /// <summary>Takes it out.</summary>
    public const int PR_CAPBSET_DROP = 24;

    /// <summary>Whether the time-stamp counter may be read.</summary>
    public const int PR_GET_TSC = 25;

    /// <summary>Sets it.</summary>
    public const int PR_SET_TSC = 26;

    /// <summary>Reads the secure bits.</summary>
    public const int PR_GET_SECUREBITS = 27;

    /// <summary>Sets them.</summary>
    public const int PR_SET_SECUREBITS = 28;

    /// <summary>The timer slack, nanoseconds.</summary>
    public const int PR_SET_TIMERSLACK = 29;

    /// <summary>Reads it.</summary>
    public const int PR_GET_TIMERSLACK = 30;

    /// <summary>Machine-check policy.</summary>
    public const int PR_MCE_KILL = 33;

    /// <summary>Reads it.</summary>
    public const int PR_MCE_KILL_GET = 34;

    /// <summary>Fields of the address space's description.</summary>
    public const int PR_SET_MM = 35;

    /// <summary>Orphans among the descendants become children of the caller.</summary>
    public const int PR_SET_CHILD_SUBREAPER = 36;

    /// <summary>Reads it.</summary>
    public const int PR_GET_CHILD_SUBREAPER = 37;

    /// <summary>No program that is executed gives more rights.</summary>
    public const int PR_SET_NO_NEW_PRIVS = 38;

    /// <summary>Reads it.</summary>
    public const int PR_GET_NO_NEW_PRIVS = 39;

    /// <summary>The address that set_tid_address(2) set.</summary>
    public const int PR_GET_TID_ADDRESS = 40;

    /// <summary>No huge pages.</summary>
    public const int PR_SET_THP_DISABLE = 41;

    /// <summary>Reads it.</summary>
    public const int PR_GET_THP_DISABLE = 42;

    /// <summary>Ambient capabilities.</summary>
    public const int PR_CAP_AMBIENT = 47;

    /// <summary>Whether one is set.</summary>
    public const int PR_CAP_AMBIENT_IS_SET = 1;

    /// <summary>Sets one.</summary>
    public const int PR_CAP_AMBIENT_RAISE = 2;

    /// <summary>Takes one out.</summary>
    public const int PR_CAP_AMBIENT_LOWER = 3;

    /// <summary>Takes all out.</summary>
    public const int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    /// <summary>Names a mapping.</summary>
    public const int PR_SET_VMA = 0x53564D41;

    /// <summary>Who may trace the caller.</summary>
    public const int PR_SET_PTRACER = 0x59616D61;
}
