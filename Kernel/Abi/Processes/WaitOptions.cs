namespace CosmosKernel.Abi;

/// <summary>Options and kinds of ids of wait4(2) and waitid(2).</summary>
public static class WaitOptions
{
    /// <summary>Does not wait.</summary>
    public const int WNOHANG = 0x1;

    /// <summary>Stopped children, too.</summary>
    public const int WUNTRACED = 0x2;

    /// <summary>The same, for waitid(2).</summary>
    public const int WSTOPPED = 0x2;

    /// <summary>Children that ended; waitid(2).</summary>
    public const int WEXITED = 0x4;

    /// <summary>Children that went on.</summary>
    public const int WCONTINUED = 0x8;

    /// <summary>The child stays as it is, to be waited for again.</summary>
    public const int WNOWAIT = 0x1000000;

    /// <summary>Only children of the calling thread.</summary>
    public const int __WNOTHREAD = 0x20000000;

    /// <summary>All children, whatever signal they send.</summary>
    public const int __WALL = 0x40000000;

    /// <summary>Only children that send another signal than SIGCHLD.</summary>
    public const int __WCLONE = unchecked((int)0x80000000);

    /// <summary>waitid(2): any child.</summary>
    public const int P_ALL = 0;

    /// <summary>waitid(2): the child with this id.</summary>
    public const int P_PID = 1;

    /// <summary>waitid(2): children in this process group.</summary>
    public const int P_PGID = 2;

    /// <summary>waitid(2): the child that the descriptor is for.</summary>
    public const int P_PIDFD = 3;
}
