using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>Address spaces of a <see cref="GenericAddress"/> that the kernel can reach (ACPI 6.5, table 5.1).</summary>
internal enum AddressSpaceKind : byte
{
    /// <summary>Physical memory.</summary>
    SystemMemory = 0,

    /// <summary>x86 ports.</summary>
    SystemIo = 1,

    /// <summary>PCI configuration space of segment 0, bus 0: device in bits 32 to 47, function 16 to 31, offset 0 to 15.</summary>
    PciConfiguration = 2,
}

/// <summary>A register as ACPI describes it: 12 bytes, address space and address (ACPI 6.5, section 5.2.3.2).</summary>
internal readonly struct GenericAddress
{
    /// <summary>Bytes of the structure in a table.</summary>
    internal const int Length = 12;

    /// <summary>Makes the description of a register.</summary>
    internal GenericAddress(AddressSpaceKind space, byte bitWidth, ulong address)
    {
        Space = space;
        BitWidth = bitWidth;
        Address = address;
    }

    /// <summary>Where <see cref="Address"/> counts.</summary>
    internal AddressSpaceKind Space { get; }

    /// <summary>Width of the register in bits.</summary>
    internal byte BitWidth { get; }

    /// <summary>Physical address or port; 0 means that the register does not exist.</summary>
    internal ulong Address { get; }

    /// <summary>Whether the register exists.</summary>
    internal bool Exists => Address != 0;

    /// <summary>Whether the register is an x86 port; only the 65536 possible ones count.</summary>
    internal bool IsPort => Space == AddressSpaceKind.SystemIo && Address is > 0 and <= 0xFFFF;

    /// <summary>Reads the structure at <paramref name="offset"/>; all zero if it lies beyond the table's end.</summary>
    internal static GenericAddress Read(ReadOnlySpan<byte> table, int offset)
    {
        return TableBytes.Holds(table, offset, Length)
            ? new GenericAddress(
                (AddressSpaceKind)TableBytes.U8(table, offset),
                TableBytes.U8(table, offset + 1),
                TableBytes.U64(table, offset + 4))
            : default;
    }
}
