namespace CosmosKernel.Machine.Cpus;

/// <summary>Model-specific registers (Intel SDM vol. 4). Access to one that the CPU lacks is a general-protection fault.</summary>
public static class Msr
{
    /// <summary>Local APIC base address, enable and x2APIC bits.</summary>
    public const uint ApicBase = 0x1B;

    /// <summary>TSC-deadline timer target, in TSC ticks.</summary>
    public const uint TscDeadline = 0x6E0;

    /// <summary>Page attribute table.</summary>
    public const uint PageAttributeTable = 0x277;

    /// <summary>Extended feature enables: SCE, LME, NXE.</summary>
    public const uint Efer = 0xC000_0080;

    /// <summary>Segments that SYSCALL and SYSRET load.</summary>
    public const uint Star = 0xC000_0081;

    /// <summary>Where SYSCALL goes in 64-bit mode (LSTAR).</summary>
    public const uint LongModeStar = 0xC000_0082;

    /// <summary>Flags that SYSCALL clears (FMASK).</summary>
    public const uint SystemCallMask = 0xC000_0084;

    /// <summary>Base address of FS.</summary>
    public const uint FsBase = 0xC000_0100;

    /// <summary>Base address of GS.</summary>
    public const uint GsBase = 0xC000_0101;

    /// <summary>What SWAPGS exchanges with the base of GS.</summary>
    public const uint KernelGsBase = 0xC000_0102;

    /// <summary>What RDTSCP and RDPID give user mode beside the time.</summary>
    public const uint TscAuxiliary = 0xC000_0103;

    /// <summary>Reads a register (RDMSR).</summary>
    public static ulong Read(uint register) => CpuInstructions.ReadMsr(register);

    /// <summary>Writes a register (WRMSR).</summary>
    public static void Write(uint register, ulong value) => CpuInstructions.WriteMsr(register, value);
}
