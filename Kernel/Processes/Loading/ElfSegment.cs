using CosmosKernel.Abi.Elf;

namespace CosmosKernel.Processes.Loading;

/// <summary>A segment of a program, as its program header has it (elf(5)). Nothing is checked.</summary>
/// <param name="Type">PT_*.</param>
/// <param name="Flags">PF_*.</param>
/// <param name="Offset">Offset in the file, bytes.</param>
/// <param name="Address">Virtual address.</param>
/// <param name="FileBytes">Bytes in the file.</param>
/// <param name="MemoryBytes">Bytes in memory: what the file lacks is zero.</param>
/// <param name="Alignment">Alignment in memory; 0 or 1 for none.</param>
public readonly record struct ElfSegment(uint Type, uint Flags, ulong Offset, ulong Address, ulong FileBytes, ulong MemoryBytes, ulong Alignment)
{
    /// <summary>Address after the last byte in memory.</summary>
    public ulong End => Address + MemoryBytes;

    /// <summary>It may be executed.</summary>
    public bool IsExecutable => (Flags & ElfConstants.SegmentExecute) != 0;

    /// <summary>It may be written.</summary>
    public bool IsWritable => (Flags & ElfConstants.SegmentWrite) != 0;
}
