using CosmosKernel.Abi;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Users;

/// <summary>What files ask of the process that uses them: limits and signals. Set by the layer of processes at boot; without it (kernel tasks only) there are no limits and no signals. Task context.</summary>
public abstract class FileServices
{
    /// <summary>No limit (RLIM_INFINITY).</summary>
    public const ulong Unlimited = ulong.MaxValue;

    /// <summary>Who answers.</summary>
    [Protocol("Set once at boot, before the first process.")]
    public static FileServices? Instance { get; set; }

    /// <summary>RLIMIT_FSIZE of the current process in bytes, or <see cref="Unlimited"/>.</summary>
    public abstract ulong FileSizeLimit { get; }

    /// <summary>RLIMIT_NOFILE of the current process.</summary>
    public abstract int DescriptorLimit { get; }

    /// <summary>Sends the calling thread SIGPIPE.</summary>
    public abstract void SignalBrokenPipe();

    /// <summary>Sends the calling thread SIGXFSZ.</summary>
    public abstract void SignalFileSize();

    /// <summary>The id of the current process (tgid), for owners of record locks and F_SETOWN.</summary>
    public abstract int CurrentProcess { get; }

    /// <summary>Where descriptors in messages are counted for the user of the current process.</summary>
    public abstract InFlightAccount InFlight { get; }

    /// <summary>Finds who shall get a file's signals (F_SETOWN, F_SETOWN_EX of fcntl(2)). Task context.</summary>
    /// <param name="kind">What is sought.</param>
    /// <param name="id">Its id; 0: nobody.</param>
    /// <param name="owner">Who was found, set by the calling thread.</param>
    /// <returns>ESRCH: there is none.</returns>
    public abstract Errno FindOwner(FileOwnerKind kind, int id, out FileOwner owner);

    /// <summary>The owner is still there. Any context.</summary>
    public abstract bool IsThere(FileOwner owner);

    /// <summary>Sends a signal to the owner of a file. Any context but NMI; only locks are held that come before those of signals.</summary>
    /// <param name="owner">Who gets it.</param>
    /// <param name="signal">1 to 64: with what is known; 0: SIGIO, and nothing more is told.</param>
    /// <param name="reason">POLL_IN and so on.</param>
    /// <param name="band">What poll(2) would say.</param>
    /// <param name="descriptor">As O_ASYNC was set with.</param>
    [NoAllocation]
    [InterruptContext]
    public abstract void SignalOwner(FileOwner owner, int signal, int reason, PollEvents band, int descriptor);

    /// <summary>Sends a signal to the owner of a file of which nothing is told, such as SIGURG. Task context.</summary>
    public abstract void SignalOwner(FileOwner owner, int signal);
}
