using CosmosKernel.Machine.Locking;

namespace Cosmos.Core;

/// <summary>A range of physical memory, as the firmware describes it.</summary>
[Owned]
public class MemoryMapBlock
{
    /// <summary>First byte.</summary>
    public ulong Address;

    /// <summary>Bytes.</summary>
    public ulong Length;

    /// <summary>What it is (ACPI specification 6.5, section 15.1): 1 memory, 2 reserved, 3 ACPI tables, 4 ACPI's own, 5 broken.</summary>
    public uint Type;
}
