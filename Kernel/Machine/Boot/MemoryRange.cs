namespace CosmosKernel.Machine.Boot;

/// <summary>What the firmware says of a range of physical memory (the codes of ACPI 6.5, table 15.4).</summary>
public enum MemoryKind : uint
{
    /// <summary>Free for the kernel.</summary>
    Usable = 1,

    /// <summary>Not to be touched.</summary>
    Reserved = 2,

    /// <summary>Holds ACPI tables; free once they are read.</summary>
    AcpiReclaimable = 3,

    /// <summary>To be kept over sleep states.</summary>
    AcpiNonVolatile = 4,

    /// <summary>Broken.</summary>
    Bad = 5,
}

/// <summary>A range of physical memory, in bytes, end exclusive.</summary>
public struct MemoryRange
{
    /// <summary>First byte.</summary>
    public ulong Start;

    /// <summary>First byte after the range.</summary>
    public ulong End;

    /// <summary>What it is.</summary>
    public MemoryKind Kind;

    /// <summary>Length in bytes.</summary>
    public readonly ulong Length => End - Start;
}
