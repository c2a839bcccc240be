using System;
using System.Collections.Generic;

namespace CosmosKernel.Modules.Devices;

/// <summary>Reads the base address registers of a function, with sizes.</summary>
public static class PciBars
{
    private const uint IsPorts = 1;
    private const uint PortMask = ~3u;
    private const uint MemoryMask = ~0xFu;
    private const uint TypeMask = 6;
    private const uint Type64 = 4;
    private const uint Prefetchable = 8;
    private const uint RomMask = ~0x7FFu;

    /// <summary>
    /// Reads all registers. The device decodes nothing meanwhile, since sizes are found by writing all ones (PCI Local Bus 3.0, section 6.2.5.1): nobody may use it. Task context.
    /// </summary>
    /// <param name="space">Its configuration space.</param>
    /// <param name="headerType">Of the header: 0 has six registers, 1 has two, others none.</param>
    /// <param name="bars">Gets those that exist, by index, the expansion ROM last.</param>
    /// <returns>What is wrong with one of them, which makes the device unusable; null when nothing is.</returns>
    public static string? Read(PciConfigurationSpace space, byte headerType, List<PciBar> bars)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(bars);
        int count = headerType switch
        {
            PciRegisters.DeviceHeader => 6,
            PciRegisters.BridgeHeader => 2,
            _ => 0,
        };
        ushort command = space.Read16(PciRegisters.Command);
        space.Write16(PciRegisters.Command, (ushort)(command & ~(PciRegisters.CommandIo | PciRegisters.CommandMemory)));
        string? problem = null;
        for (int i = 0; i < count && problem is null; i++)
        {
            problem = ReadOne(space, i, count, out PciBar bar);
            if (bar.Exists)
            {
                bars.Add(bar);
            }

            i += bar.Kind == PciBarKind.Memory64 ? 1 : 0;
        }

        if (problem is null && count != 0)
        {
            problem = ReadRom(space, headerType == PciRegisters.DeviceHeader ? PciRegisters.DeviceRom : PciRegisters.BridgeRom, bars);
        }

        space.Write16(PciRegisters.Command, command);
        return problem;
    }

    private static string? ReadOne(PciConfigurationSpace space, int index, int count, out PciBar bar)
    {
        bar = new PciBar(index, PciBarKind.None, 0, 0, false);
        int offset = PciRegisters.FirstBar + (4 * index);
        uint value = space.Read32(offset);
        uint mask = Probe(space, offset, value);
        if (mask == 0)
        {
            return null;
        }

        if (mask == uint.MaxValue)
        {
            return $"BAR {index} reads as all ones";
        }

        if ((value & IsPorts) != 0)
        {
            // The upper half of the size mask may read as 0: 16 address bits are all that x86 has.
            uint size = ~(mask & PortMask) + 1;
            size = (size & 0xFFFF) != 0 ? size & 0xFFFF : size;
            bar = new PciBar(index, PciBarKind.Ports, value & PortMask, size, false);
            return Check(bar, mask, ushort.MaxValue);
        }

        ulong address = value & MemoryMask;
        ulong sizes = mask & MemoryMask;
        bool is64 = (value & TypeMask) == Type64;
        if (is64)
        {
            if (index + 1 >= count)
            {
                return $"BAR {index} is 64 bits wide, but it is the last one";
            }

            uint high = space.Read32(offset + 4);
            sizes |= (ulong)Probe(space, offset + 4, high) << 32;
            address |= (ulong)high << 32;
        }
        else
        {
            sizes |= 0xFFFF_FFFF_0000_0000;
        }

        bar = new PciBar(index, is64 ? PciBarKind.Memory64 : PciBarKind.Memory32, address, ~sizes + 1, (value & Prefetchable) != 0);
        return Check(bar, mask, is64 ? ulong.MaxValue : uint.MaxValue);
    }

    private static string? ReadRom(PciConfigurationSpace space, int offset, List<PciBar> bars)
    {
        uint value = space.Read32(offset);
        space.Write32(offset, RomMask);
        uint mask = space.Read32(offset);
        space.Write32(offset, value);
        if ((mask & RomMask) == 0)
        {
            return null;
        }

        var rom = new PciBar(PciBar.RomIndex, PciBarKind.Rom, value & RomMask, ~(mask & RomMask) + 1, false);
        string? problem = mask == uint.MaxValue ? "the ROM's base address register reads as all ones" : Check(rom, mask, uint.MaxValue);
        if (problem is null)
        {
            bars.Add(rom);
        }

        return problem;
    }

    private static uint Probe(PciConfigurationSpace space, int offset, uint value)
    {
        space.Write32(offset, uint.MaxValue);
        uint mask = space.Read32(offset);
        space.Write32(offset, value);
        return mask;
    }

    private static string? Check(PciBar bar, uint mask, ulong highest)
    {
        string name = bar.Kind == PciBarKind.Rom ? "the ROM's base address register" : $"BAR {bar.Index}";
        if (bar.Length == 0 || (bar.Length & (bar.Length - 1)) != 0)
        {
            return $"{name} has an impossible size: its mask is 0x{mask:x8}";
        }

        if ((bar.Address & (bar.Length - 1)) != 0)
        {
            return $"{name} is at 0x{bar.Address:x}, which is no multiple of its size 0x{bar.Length:x}";
        }

        return bar.Address > highest - (bar.Length - 1) ? $"{name} reaches beyond the end of its address space" : null;
    }
}
