using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>The HPET description table (IA-PC HPET specification 1.0a, section 3.2.4): where the event timer block is.</summary>
internal static class HpetTable
{
    private const int Length = 56;

    /// <summary>Checks the table; <paramref name="physicalAddress"/> is that of the registers, 1 KiB long.</summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, out ulong physicalAddress)
    {
        physicalAddress = 0;
        TableStatus status = SystemTable.Check(bytes, "HPET"u8, out ReadOnlySpan<byte> table);
        if (status != TableStatus.Valid)
        {
            return status;
        }

        if (table.Length < Length)
        {
            return TableStatus.BadLength;
        }

        GenericAddress block = GenericAddress.Read(table, 40);
        if (block.Space != AddressSpaceKind.SystemMemory || !block.Exists || (block.Address & 7) != 0)
        {
            return TableStatus.BadValue;
        }

        physicalAddress = block.Address;
        return TableStatus.Valid;
    }
}
