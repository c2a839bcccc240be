using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Machine.Cpus;

/// <summary>The four registers that CPUID returns, in the order in which X# stores them.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct CpuIdResult(uint eax, uint ebx, uint ecx, uint edx)
{
    /// <summary>EAX.</summary>
    public readonly uint Eax = eax;

    /// <summary>EBX.</summary>
    public readonly uint Ebx = ebx;

    /// <summary>ECX.</summary>
    public readonly uint Ecx = ecx;

    /// <summary>EDX.</summary>
    public readonly uint Edx = edx;
}

/// <summary>CPU identification and the features that the kernel asks about (Intel SDM vol. 2A, CPUID). May be called from any context.</summary>
public static unsafe class CpuId
{
    /// <summary>Executes CPUID. The caller checks that the leaf exists (<see cref="MaximumLeaf"/>).</summary>
    [SkipLocalsInit]
    public static CpuIdResult Read(uint leaf, uint subleaf = 0)
    {
        CpuIdResult result;
        CpuInstructions.CpuIdentify(leaf, subleaf, (uint*)&result);
        return result;
    }

    /// <summary>The highest basic leaf.</summary>
    public static uint MaximumLeaf => Read(0).Eax;

    /// <summary>The highest extended leaf (0x80000000 and up).</summary>
    public static uint MaximumExtendedLeaf => Read(0x8000_0000).Eax;

    /// <summary>1 GiB pages.</summary>
    public static bool HasGigabytePages => MaximumExtendedLeaf >= 0x8000_0001 && (Read(0x8000_0001).Edx & (1u << 26)) != 0;

    /// <summary>RDTSCP, and the register whose value it gives.</summary>
    public static bool HasRdtscp => MaximumExtendedLeaf >= 0x8000_0001 && (Read(0x8000_0001).Edx & (1u << 27)) != 0;

    /// <summary>No-execute pages.</summary>
    public static bool HasNoExecute => MaximumExtendedLeaf >= 0x8000_0001 && (Read(0x8000_0001).Edx & (1u << 20)) != 0;

    /// <summary>x2APIC mode.</summary>
    public static bool HasX2Apic => (Read(1).Ecx & (1u << 21)) != 0;

    /// <summary>The local APIC's TSC-deadline mode.</summary>
    public static bool HasTscDeadline => (Read(1).Ecx & (1u << 24)) != 0;

    /// <summary>A TSC that ticks at one rate in all power states.</summary>
    public static bool HasInvariantTsc => MaximumExtendedLeaf >= 0x8000_0007 && (Read(0x8000_0007).Edx & (1u << 8)) != 0;

    /// <summary>Supervisor-mode execution prevention.</summary>
    public static bool HasSmep => MaximumLeaf >= 7 && (Read(7).Ebx & (1u << 7)) != 0;

    /// <summary>Supervisor-mode access prevention.</summary>
    public static bool HasSmap => MaximumLeaf >= 7 && (Read(7).Ebx & (1u << 20)) != 0;

    /// <summary>User-mode instruction prevention (SGDT, SIDT, SLDT, SMSW, STR).</summary>
    public static bool HasUmip => MaximumLeaf >= 7 && (Read(7).Ecx & (1u << 2)) != 0;

    /// <summary>RDFSBASE and its family.</summary>
    public static bool HasFsGsBase => MaximumLeaf >= 7 && (Read(7).Ebx & 1u) != 0;

    /// <summary>XSAVE, XRSTOR and XCR0.</summary>
    public static bool HasXsave => MaximumLeaf >= 0xD && (Read(1).Ecx & (1u << 26)) != 0;

    /// <summary>XSAVEOPT.</summary>
    public static bool HasXsaveopt => HasXsave && (Read(0xD, 1).Eax & 1u) != 0;

    /// <summary>Process-context identifiers.</summary>
    public static bool HasPcid => (Read(1).Ecx & (1u << 17)) != 0;

    /// <summary>Global pages.</summary>
    public static bool HasGlobalPages => (Read(1).Edx & (1u << 13)) != 0;

    /// <summary>The initial local APIC id of the CPU that runs this, from leaf 1 (8 bits).</summary>
    public static uint InitialApicId => Read(1).Ebx >> 24;
}
