namespace CosmosKernel.Abi.Elf;

/// <summary>Types of the entries of the auxiliary vector (getauxval(3)).</summary>
public enum AuxiliaryType : ulong
{
    /// <summary>The end.</summary>
    Null = 0,

    /// <summary>Address of the program headers.</summary>
    ProgramHeaders = 3,

    /// <summary>Bytes of a program header.</summary>
    ProgramHeaderBytes = 4,

    /// <summary>Number of program headers.</summary>
    ProgramHeaderCount = 5,

    /// <summary>Bytes of a page.</summary>
    PageBytes = 6,

    /// <summary>Where the interpreter was loaded; 0 without one.</summary>
    InterpreterBase = 7,

    /// <summary>Flags: none are defined.</summary>
    Flags = 8,

    /// <summary>The program's entry, not the interpreter's.</summary>
    Entry = 9,

    /// <summary>Real user id.</summary>
    Uid = 11,

    /// <summary>Effective user id.</summary>
    Euid = 12,

    /// <summary>Real group id.</summary>
    Gid = 13,

    /// <summary>Effective group id.</summary>
    Egid = 14,

    /// <summary>Address of the name of the platform, "x86_64".</summary>
    Platform = 15,

    /// <summary>What the CPU can: EDX of CPUID 1.</summary>
    Hwcap = 16,

    /// <summary>Ticks a second of times(2).</summary>
    ClockTicks = 17,

    /// <summary>1 when the program got rights by the file: the loader then distrusts the environment.</summary>
    Secure = 23,

    /// <summary>Address of 16 random bytes.</summary>
    Random = 25,

    /// <summary>What the CPU can, further: bit 1 says that FSGSBASE instructions work in user mode.</summary>
    Hwcap2 = 26,

    /// <summary>Address of the file's name, as execve(2) got it.</summary>
    ExecFileName = 31,

    /// <summary>Address of the vDSO's ELF header.</summary>
    VdsoHeader = 33,

    /// <summary>Smallest alternate signal stack, bytes.</summary>
    MinimumSignalStack = 51,
}
