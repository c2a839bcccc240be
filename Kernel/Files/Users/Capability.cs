namespace CosmosKernel.Files.Users;

/// <summary>Capabilities (capabilities(7)); the number is the bit in a set.</summary>
public enum Capability
{
    /// <summary>Change owners at will.</summary>
    Chown = 0,

    /// <summary>Pass all permission checks of files.</summary>
    DacOverride = 1,

    /// <summary>Pass checks for reading files and searching directories.</summary>
    DacReadSearch = 2,

    /// <summary>Pass checks that ask whether one owns the file.</summary>
    FileOwner = 3,

    /// <summary>Keep the set-id bits when a file is changed.</summary>
    FileSetId = 4,

    /// <summary>Send signals to anybody.</summary>
    Kill = 5,

    /// <summary>Change group ids.</summary>
    SetGid = 6,

    /// <summary>Change user ids.</summary>
    SetUid = 7,

    /// <summary>Change capabilities.</summary>
    SetPermittedCapabilities = 8,

    /// <summary>Immutable and append-only files.</summary>
    LinuxImmutable = 9,

    /// <summary>Low ports.</summary>
    NetBindService = 10,

    /// <summary>Broadcasts.</summary>
    NetBroadcast = 11,

    /// <summary>Network administration.</summary>
    NetAdmin = 12,

    /// <summary>Raw sockets.</summary>
    NetRaw = 13,

    /// <summary>Lock memory.</summary>
    IpcLock = 14,

    /// <summary>Pass permission checks of System V objects.</summary>
    IpcOwner = 15,

    /// <summary>Load kernel modules.</summary>
    SysModule = 16,

    /// <summary>Ports and raw devices.</summary>
    SysRawIo = 17,

    /// <summary>chroot(2).</summary>
    SysChroot = 18,

    /// <summary>Trace other processes.</summary>
    SysPtrace = 19,

    /// <summary>Process accounting.</summary>
    SysPacct = 20,

    /// <summary>Administration: mount(2), sethostname(2) and more.</summary>
    SysAdmin = 21,

    /// <summary>reboot(2).</summary>
    SysBoot = 22,

    /// <summary>Raise priorities.</summary>
    SysNice = 23,

    /// <summary>Exceed resource limits.</summary>
    SysResource = 24,

    /// <summary>Set the clock.</summary>
    SysTime = 25,

    /// <summary>Configure terminals.</summary>
    SysTtyConfig = 26,

    /// <summary>Make device nodes.</summary>
    Mknod = 27,

    /// <summary>Leases on any file.</summary>
    Lease = 28,

    /// <summary>Write the audit log.</summary>
    AuditWrite = 29,

    /// <summary>Control auditing.</summary>
    AuditControl = 30,

    /// <summary>Set capabilities of files.</summary>
    SetFileCapabilities = 31,

    /// <summary>Override mandatory access control.</summary>
    MacOverride = 32,

    /// <summary>Change mandatory access control.</summary>
    MacAdmin = 33,

    /// <summary>Read and clear the kernel's log.</summary>
    Syslog = 34,

    /// <summary>Wake the machine.</summary>
    WakeAlarm = 35,

    /// <summary>Keep the machine from suspending.</summary>
    BlockSuspend = 36,

    /// <summary>Read the audit log.</summary>
    AuditRead = 37,

    /// <summary>Performance monitoring.</summary>
    PerfMon = 38,

    /// <summary>Privileged BPF.</summary>
    Bpf = 39,

    /// <summary>Checkpoint and restore.</summary>
    CheckpointRestore = 40,
}
