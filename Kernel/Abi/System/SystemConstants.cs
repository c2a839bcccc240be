using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Numbers of reboot(2), getrandom(2), uname(2).</summary>
public static class SystemConstants
{
    /// <summary>LINUX_REBOOT_MAGIC1.</summary>
    public const uint RebootMagic1 = 0xfee1dead;

    /// <summary>LINUX_REBOOT_CMD_RESTART.</summary>
    public const uint RebootRestart = 0x01234567;

    /// <summary>LINUX_REBOOT_CMD_HALT.</summary>
    public const uint RebootHalt = 0xCDEF0123;

    /// <summary>LINUX_REBOOT_CMD_CAD_ON.</summary>
    public const uint RebootCadOn = 0x89ABCDEF;

    /// <summary>LINUX_REBOOT_CMD_CAD_OFF.</summary>
    public const uint RebootCadOff = 0;

    /// <summary>LINUX_REBOOT_CMD_POWER_OFF.</summary>
    public const uint RebootPowerOff = 0x4321FEDC;

    /// <summary>LINUX_REBOOT_CMD_RESTART2.</summary>
    public const uint RebootRestart2 = 0xA1B2C3D4;

    /// <summary>GRND_NONBLOCK.</summary>
    public const uint RandomNonBlock = 1;

    /// <summary>GRND_RANDOM.</summary>
    public const uint RandomPool = 2;

    /// <summary>GRND_INSECURE.</summary>
    public const uint RandomInsecure = 4;

    /// <summary>Bytes of each field of struct utsname, the NUL included.</summary>
    public const int NameBytes = 65;

    /// <summary>LINUX_REBOOT_MAGIC2 and its kin.</summary>
    public static bool IsRebootMagic2(uint magic) => magic is 672274793 or 85072278 or 369367448 or 537993216;
}

/// <summary>Commands of membarrier(2).</summary>
[Flags]
public enum MembarrierCommand
{
    /// <summary>MEMBARRIER_CMD_QUERY.</summary>
    Query = 0,

    /// <summary>MEMBARRIER_CMD_GLOBAL.</summary>
    Global = 1,

    /// <summary>MEMBARRIER_CMD_GLOBAL_EXPEDITED.</summary>
    GlobalExpedited = 2,

    /// <summary>MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED.</summary>
    RegisterGlobalExpedited = 4,

    /// <summary>MEMBARRIER_CMD_PRIVATE_EXPEDITED.</summary>
    PrivateExpedited = 8,

    /// <summary>MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED.</summary>
    RegisterPrivateExpedited = 16,

    /// <summary>MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE.</summary>
    PrivateExpeditedSyncCore = 32,

    /// <summary>MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE.</summary>
    RegisterPrivateExpeditedSyncCore = 64,

    /// <summary>MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ.</summary>
    PrivateExpeditedRseq = 128,

    /// <summary>MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ.</summary>
    RegisterPrivateExpeditedRseq = 256,
}

/// <summary>What sysinfo(2) tells; 112 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
public struct SystemInformation
{
    /// <summary>Seconds since boot.</summary>
    public long Uptime;

    /// <summary>Load of the last minute, in 2^-16.</summary>
    public ulong Load1;

    /// <summary>Load of the last 5 minutes, in 2^-16.</summary>
    public ulong Load5;

    /// <summary>Load of the last 15 minutes, in 2^-16.</summary>
    public ulong Load15;

    /// <summary>Units of memory that the kernel manages.</summary>
    public ulong TotalMemory;

    /// <summary>Units that are free.</summary>
    public ulong FreeMemory;

    /// <summary>Units shared.</summary>
    public ulong SharedMemory;

    /// <summary>Units in buffers.</summary>
    public ulong BufferMemory;

    /// <summary>Units of swap.</summary>
    public ulong TotalSwap;

    /// <summary>Units of swap that are free.</summary>
    public ulong FreeSwap;

    /// <summary>Threads.</summary>
    public ushort Threads;

    /// <summary>Units of high memory.</summary>
    public ulong TotalHigh;

    /// <summary>Units of high memory that are free.</summary>
    public ulong FreeHigh;

    /// <summary>Bytes of a unit.</summary>
    public uint Unit;
}
