using System;
using System.Collections.Generic;

namespace CosmosKernel.Modules.Devices;

/// <summary>One entry of a function's capability list.</summary>
/// <param name="Id">Which capability: PCI Code and ID Assignment Specification, section 2, or section 3 for an extended one.</param>
/// <param name="Offset">Where it begins in configuration space.</param>
/// <param name="IsExtended">It is one of PCI Express's, in the space beyond the first 256 bytes.</param>
public readonly record struct PciCapability(ushort Id, int Offset, bool IsExtended);

/// <summary>Walks capability lists (PCI Local Bus 3.0, section 6.7; PCI Express Base 5.0, section 7.6.3).</summary>
public static class PciCapabilities
{
    private const int Alignment = 4;
    private const int ConventionalEnd = 256;

    /// <summary>Reads both lists. Any context in which the managed heap may be used.</summary>
    /// <param name="space">The configuration space.</param>
    /// <param name="found">Gets the entries, in the order of the lists.</param>
    /// <returns>What is wrong with a list; null when nothing is.</returns>
    public static string? Read(PciConfigurationSpace space, List<PciCapability> found)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(found);
        if ((space.Read16(PciRegisters.Status) & PciRegisters.StatusCapabilities) == 0)
        {
            return null;
        }

        bool isExpress = false;
        int steps = 0;
        int offset = space.Read8(PciRegisters.CapabilityPointer) & ~(Alignment - 1);
        while (offset != 0)
        {
            if (offset < PciRegisters.HeaderEnd)
            {
                return $"the capability list leads to 0x{offset:x}, inside of the header";
            }

            if (++steps > (ConventionalEnd - PciRegisters.HeaderEnd) / Alignment)
            {
                return "the capability list is a ring";
            }

            ushort header = space.Read16(offset);
            if (header == ushort.MaxValue)
            {
                return $"the capability at 0x{offset:x} reads as all ones";
            }

            isExpress |= (byte)header == PciRegisters.CapabilityExpress;
            found.Add(new PciCapability((byte)header, offset, IsExtended: false));
            offset = (header >> 8) & ~(Alignment - 1);
        }

        return isExpress && space.Length > ConventionalEnd ? ReadExtended(space, found) : null;
    }

    private static string? ReadExtended(PciConfigurationSpace space, List<PciCapability> found)
    {
        int steps = 0;
        int offset = PciRegisters.ExtendedStart;
        while (offset != 0)
        {
            if (offset < PciRegisters.ExtendedStart)
            {
                return $"the list of extended capabilities leads to 0x{offset:x}, outside of the extended space";
            }

            if (++steps > (space.Length - ConventionalEnd) / Alignment)
            {
                return "the list of extended capabilities is a ring";
            }

            uint header = space.Read32(offset);
            if (header is 0 or uint.MaxValue)
            {
                // An empty list; all ones is what a root complex gives for a device without the space.
                return offset == PciRegisters.ExtendedStart ? null : $"the extended capability at 0x{offset:x} reads as 0x{header:x8}";
            }

            found.Add(new PciCapability((ushort)header, offset, IsExtended: true));
            offset = (int)(header >> 20) & ~(Alignment - 1);
        }

        return null;
    }
}
