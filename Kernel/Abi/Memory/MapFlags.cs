using System;

namespace CosmosKernel.Abi;

/// <summary>What a mapping is (mmap(2), <c>asm-generic/mman.h</c> and x86's own).</summary>
[Flags]
public enum MapFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Writes are seen by all that map the object.</summary>
    Shared = 0x01,

    /// <summary>Writes make a copy of the page.</summary>
    Private = 0x02,

    /// <summary>As shared, and unknown flags are refused (EOPNOTSUPP).</summary>
    SharedValidate = 0x03,

    /// <summary>The bits that hold one of the three above.</summary>
    TypeMask = 0x0F,

    /// <summary>Exactly at the address; what is there goes.</summary>
    Fixed = 0x10,

    /// <summary>Memory that starts as zeros; no file.</summary>
    Anonymous = 0x20,

    /// <summary>In the first 2 GiB.</summary>
    Bits32 = 0x40,

    /// <summary>Above 4 GiB: the default; glibc's name for a flag that the kernel ignores.</summary>
    Above4G = 0x80,

    /// <summary>The mapping grows down when the page below it is touched.</summary>
    GrowsDown = 0x0100,

    /// <summary>Ignored.</summary>
    DenyWrite = 0x0800,

    /// <summary>Ignored.</summary>
    Executable = 0x1000,

    /// <summary>As mlock(2).</summary>
    Locked = 0x2000,

    /// <summary>Not counted as committed memory.</summary>
    NoReserve = 0x4000,

    /// <summary>Faults all pages in before it returns.</summary>
    Populate = 0x8000,

    /// <summary>With <see cref="Populate"/>: reads nothing in, which makes Populate do nothing.</summary>
    NonBlock = 0x1_0000,

    /// <summary>Good for a stack: a hint.</summary>
    Stack = 0x2_0000,

    /// <summary>Huge pages.</summary>
    HugeTlb = 0x4_0000,

    /// <summary>Synchronous faults of persistent memory; needs <see cref="SharedValidate"/>.</summary>
    Sync = 0x8_0000,

    /// <summary>Exactly at the address, or EEXIST when something is there.</summary>
    FixedNoReplace = 0x10_0000,
}
