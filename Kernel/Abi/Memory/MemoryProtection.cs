using System;

namespace CosmosKernel.Abi;

/// <summary>What may be done with a mapping (mmap(2), mprotect(2)).</summary>
[Flags]
public enum MemoryProtection : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing; on x86 it lets read, too.</summary>
    Write = 2,

    /// <summary>Executing; on x86 it lets read, too.</summary>
    Execute = 4,

    /// <summary>All that the CPU checks.</summary>
    All = Read | Write | Execute,

    /// <summary>PROT_SEM: accepted, means nothing here.</summary>
    Semaphore = 8,

    /// <summary>mprotect(2): down to the start of a mapping that grows down.</summary>
    GrowsDown = 0x0100_0000,

    /// <summary>mprotect(2): up to the end of a mapping that grows up. There is none on x86.</summary>
    GrowsUp = 0x0200_0000,
}
