using System;

namespace CosmosKernel.Machine.Cpus;

/// <summary>Protections of kernel memory that a CPU may have and that the kernel turns on where it does (Intel SDM vol. 3A, sections 2.5 and 5.6).</summary>
[Flags]
public enum CpuProtections
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Read-only pages are read-only for the kernel too (CR0.WP); every 64-bit CPU has it.</summary>
    WriteProtect = 1 << 0,

    /// <summary>No-execute pages (EFER.NXE).</summary>
    NoExecute = 1 << 1,

    /// <summary>The kernel cannot execute user pages (CR4.SMEP).</summary>
    Smep = 1 << 2,

    /// <summary>The kernel cannot read or write user pages unless it says so (CR4.SMAP).</summary>
    Smap = 1 << 3,

    /// <summary>User mode cannot read descriptor table registers (CR4.UMIP).</summary>
    Umip = 1 << 4,
}

/// <summary>The protections of the CPU that runs this. True for one CPU only while preemption is off, or in a task that is bound to it.</summary>
public static class CpuProtection
{
    /// <summary>What CPUID says that the CPU has.</summary>
    public static CpuProtections Supported =>
        CpuProtections.WriteProtect
        | If(CpuId.HasNoExecute, CpuProtections.NoExecute)
        | If(CpuId.HasSmep, CpuProtections.Smep)
        | If(CpuId.HasSmap, CpuProtections.Smap)
        | If(CpuId.HasUmip, CpuProtections.Umip);

    /// <summary>What the control registers say that is on.</summary>
    public static CpuProtections Active
    {
        get
        {
            ulong control0 = CpuInstructions.ReadControl0();
            ulong control4 = CpuInstructions.ReadControl4();
            return If((control0 & (1ul << 16)) != 0, CpuProtections.WriteProtect)
                | If((Msr.Read(Msr.Efer) & (1ul << 11)) != 0, CpuProtections.NoExecute)
                | If((control4 & (1ul << 20)) != 0, CpuProtections.Smep)
                | If((control4 & (1ul << 21)) != 0, CpuProtections.Smap)
                | If((control4 & (1ul << 11)) != 0, CpuProtections.Umip);
        }
    }

    private static CpuProtections If(bool condition, CpuProtections protection) => condition ? protection : CpuProtections.None;
}
