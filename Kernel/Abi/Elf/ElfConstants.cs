namespace CosmosKernel.Abi.Elf;

/// <summary>Numbers of the ELF-64 format that a loader of programs needs (elf(5); System V ABI, AMD64 supplement).</summary>
public static class ElfConstants
{
    /// <summary>Bytes of the file header.</summary>
    public const int HeaderBytes = 64;

    /// <summary>Bytes of a program header.</summary>
    public const int ProgramHeaderBytes = 56;

    /// <summary>ELFCLASS64.</summary>
    public const byte Class64 = 2;

    /// <summary>ELFDATA2LSB.</summary>
    public const byte LittleEndian = 1;

    /// <summary>EV_CURRENT.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>ET_EXEC: at fixed addresses.</summary>
    public const ushort TypeExecutable = 2;

    /// <summary>ET_DYN: at any address.</summary>
    public const ushort TypeDynamic = 3;

    /// <summary>EM_X86_64.</summary>
    public const ushort MachineX64 = 62;

    /// <summary>PT_LOAD.</summary>
    public const uint SegmentLoad = 1;

    /// <summary>PT_INTERP.</summary>
    public const uint SegmentInterpreter = 3;

    /// <summary>PT_PHDR.</summary>
    public const uint SegmentProgramHeaders = 6;

    /// <summary>PT_GNU_STACK.</summary>
    public const uint SegmentGnuStack = 0x6474_E551;

    /// <summary>PF_X.</summary>
    public const uint SegmentExecute = 1;

    /// <summary>PF_W.</summary>
    public const uint SegmentWrite = 2;

    /// <summary>PF_R.</summary>
    public const uint SegmentRead = 4;
}
