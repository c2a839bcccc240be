using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;

namespace CosmosKernel.Processes.Memory;

/// <summary>An area, for /proc/PID/maps.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address after the last one.</param>
/// <param name="Protection">What may be done.</param>
/// <param name="MayProtection">What mprotect(2) may allow.</param>
/// <param name="Flags">What it is.</param>
/// <param name="Offset">Offset in the object, bytes; 0 without one.</param>
/// <param name="File">The open file, with a reference that the receiver releases; null for none.</param>
/// <param name="Label">What stands instead of a path; null for nothing.</param>
/// <param name="Number">What stands as the number of the inode without a file; 0 for none.</param>
public readonly record struct AreaDescription(
    ulong Start,
    ulong End,
    MemoryProtection Protection,
    MemoryProtection MayProtection,
    AreaFlags Flags,
    ulong Offset,
    OpenFile? File,
    string? Label,
    ulong Number);
