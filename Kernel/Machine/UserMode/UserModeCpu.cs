using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.UserMode;

/// <summary>What a CPU needs before it can run user code, and which of its features user mode gets. All CPUs are taken to be alike.</summary>
public static unsafe class UserModeCpu
{
    private const ulong SystemCallEnable = 1;
    private const ulong ControlFxsave = 1ul << 9;
    private const ulong ControlFloatExceptions = 1ul << 10;
    private const ulong ControlPcid = 1ul << 17;
    private const ulong ControlXsave = 1ul << 18;

    // CR0: MP and NE set, EM and TS clear, so that x87 instructions work and report errors as exceptions; AM lets user code have alignment checks.
    private const ulong Control0Set = (1ul << 1) | (1ul << 5) | (1ul << 18);
    private const ulong Control0Clear = (1ul << 2) | (1ul << 3);

    // Cleared by SYSCALL: what would change how the kernel runs (IF DF TF NT AC IOPL RF), and the arithmetic flags and ID.
    private const ulong SystemCallMask = 0x0025_7FD5;

    // Features as UserEntry.xs asks for them.
    private const uint HasSmap = 1;
    private const uint HasFsGsBase = 2;
    private const uint HasXsave = 4;
    private const uint HasXsaveopt = 8;

    // x87, SSE and AVX; AVX-512's three components come together or not at all.
    private const ulong Legacy = 3;
    private const ulong Avx = 4;
    private const ulong Avx512 = 0xE0;

    [Immutable]
    private static ulong s_components;

    [Immutable]
    private static uint s_stateBytes;

    [Immutable]
    private static uint s_mxcsrMask;

    [Immutable]
    private static uint s_features;

    [Immutable]
    private static bool s_hasPcid;

    /// <summary>Components of the extended state that user mode has (XCR0); x87 and SSE on a CPU without XSAVE.</summary>
    public static ulong Components => s_components;

    /// <summary>Bytes of the extended state in XSAVE's standard format; 512 without XSAVE.</summary>
    public static int ExtendedStateBytes => (int)s_stateBytes;

    /// <summary>Whether the state is kept by XSAVE.</summary>
    internal static bool UsesXsave => (s_features & HasXsave) != 0;

    /// <summary>User mode can read and write the bases of FS and GS itself.</summary>
    internal static bool UsesFsGsBase => (s_features & HasFsGsBase) != 0;

    /// <summary>Address spaces have identifiers in the TLB.</summary>
    internal static bool UsesPcid => s_hasPcid;

    /// <summary>Bits of MXCSR that may be set.</summary>
    internal static uint MxcsrMask => s_mxcsrMask;

    /// <summary>Finds out what the CPUs have. Boot CPU, once, with its descriptor tables loaded; it is made ready too.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        UserContextBlock.VerifyLayout();
        uint features = (CpuId.HasSmap ? HasSmap : 0) | (CpuId.HasFsGsBase ? HasFsGsBase : 0);
        s_components = Legacy;
        s_stateBytes = 512;
        if (CpuId.HasXsave)
        {
            features |= HasXsave | (CpuId.HasXsaveopt ? HasXsaveopt : 0);
            ulong supported = CpuId.Read(0xD).Eax;
            s_components = supported & (Legacy | Avx);
            if ((supported & Avx512) == Avx512 && (s_components & Avx) != 0)
            {
                s_components |= Avx512;
            }
        }

        s_features = features;
        s_hasPcid = CpuId.HasPcid && CpuId.HasGlobalPages;
        SetFeatures(features, s_components & ~2ul);
        ActivateOnThisCpu();
        if (UsesXsave)
        {
            // What this leaf says goes with the components that are on now.
            s_stateBytes = CpuId.Read(0xD).Ebx;
        }

        s_mxcsrMask = ReadMxcsrMask();
    }

    /// <summary>Makes the CPU that runs this ready: SYSCALL, extended state, TLB identifiers. Each CPU once, interrupts off, on the kernel's page tables.</summary>
    internal static void ActivateOnThisCpu()
    {
        CpuInstructions.WriteControl0((CpuInstructions.ReadControl0() | Control0Set) & ~Control0Clear);
        ulong control4 = CpuInstructions.ReadControl4() | ControlFxsave | ControlFloatExceptions;
        control4 |= UsesXsave ? ControlXsave : 0;
        control4 |= UsesPcid ? ControlPcid : 0;
        CpuInstructions.WriteControl4(control4);
        if (UsesXsave)
        {
            WriteExtendedControl0(s_components);
        }

        // SYSCALL takes CS from bits 32 to 47 and SS 8 above; SYSRET takes SS from bits 48 to 63 plus 8 and CS plus 16, both with RPL 3.
        Msr.Write(Msr.Star, ((ulong)(UserRegisters.UserData - 8) << 48) | ((ulong)DescriptorTables.KernelCode << 32));
        Msr.Write(Msr.LongModeStar, EntryAddress());
        Msr.Write(Msr.SystemCallMask, SystemCallMask);
        Msr.Write(Msr.Efer, Msr.Read(Msr.Efer) | SystemCallEnable);
        if (CpuId.HasRdtscp)
        {
            Msr.Write(Msr.TscAuxiliary, CpuInstructions.BlockPointer()->Index);
        }
    }

    /// <summary>An address in the code between the kernel's stack and user mode, whose registers hold user values, or nothing that matters.</summary>
    public static bool IsEntry(ulong address) => address >= EntriesStart() && address < EntriesEnd();

    // FXSAVE stores the mask; 0 means the one of the first CPUs with SSE (Intel SDM vol. 1, 11.6.6).
    [SkipLocalsInit]
    private static uint ReadMxcsrMask()
    {
        byte* area = stackalloc byte[512 + 16];
        byte* aligned = (byte*)(((nuint)area + 15) & ~(nuint)15);
        StoreLegacyState(aligned);
        uint mask = *(uint*)(aligned + 28);
        return mask == 0 ? 0xFFBF : mask;
    }

    [RuntimeImport("UserModeSetFeatures")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void SetFeatures(uint features, ulong components);

    [RuntimeImport("CpuWriteExtendedControl0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void WriteExtendedControl0(ulong components);

    [RuntimeImport("CpuStoreLegacyState")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void StoreLegacyState(byte* area);

    [RuntimeImport("UserEntryAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong EntryAddress();

    [RuntimeImport("UserEntriesStartAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong EntriesStart();

    [RuntimeImport("UserEntriesEndAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong EntriesEnd();
}
