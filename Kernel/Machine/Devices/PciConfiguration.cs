using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Devices;

/// <summary>
/// PCI configuration space (PCI Local Bus 3.0, section 3.2.2.3; PCI Express Base 5.0, section 7.2.2): through memory where the MCFG
/// maps it (4096 bytes a function), else through ports 0xCF8 and 0xCFC (256 bytes, segment 0). What does not exist reads as all ones and ignores writes. Any context but NMI.
/// </summary>
public static unsafe class PciConfiguration
{
    private const int MaximumRanges = 64;

    // With the mask the compiler sees that an index is in range, and adds no check that could throw.
    private const int RangeMask = MaximumRanges - 1;
    private const ushort AddressPort = 0xCF8;
    private const ushort DataPort = 0xCFC;
    private const uint EnableAccess = 1u << 31;
    private const int PortLimit = 256;
    private const int MemoryLimit = 4096;
    private const ulong BytesOfBus = 1ul << 20;

    private static IrqSpinLock s_portLock = new(LockClass.PciPorts);

    [Immutable]
    private static RangeTable s_ranges;

    [Immutable]
    private static int s_rangeCount;

    /// <summary>Number of bus ranges that are mapped in memory.</summary>
    public static int MappedRangeCount => s_rangeCount;

    /// <summary>Takes the ranges of the MCFG. Those that the direct map does not hold are logged and reached through ports. Boot CPU, once.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        if (!AcpiTables.TryReadMcfg(out Mcfg mcfg))
        {
            return;
        }

        for (int i = 0; i < mcfg.Count && s_rangeCount < MaximumRanges; i++)
        {
            EcamRange range = mcfg[i];
            ulong first = range.PhysicalBase + (range.FirstBus * BytesOfBus);
            ulong length = (ulong)(range.LastBus - range.FirstBus + 1) * BytesOfBus;
            if (AcpiTables.IsReachable(first, length))
            {
                s_ranges[s_rangeCount & RangeMask] = range;
                s_rangeCount++;
                continue;
            }

            BootLog.Begin("pci: configuration space at 0x"u8);
            EarlyConsole.WriteHex(first);
            EarlyConsole.WriteLine(" cannot be reached, using ports"u8);
        }
    }

    /// <summary>The last bus of a segment that may have functions, or -1 when the segment does not exist.</summary>
    public static int LastBus(ushort segment)
    {
        int last = segment == 0 ? byte.MaxValue : -1;
        if (segment != 0)
        {
            for (int i = 0; i < s_rangeCount; i++)
            {
                if (s_ranges[i & RangeMask].Segment == segment && s_ranges[i & RangeMask].LastBus > last)
                {
                    last = s_ranges[i & RangeMask].LastBus;
                }
            }
        }

        return last;
    }

    /// <summary>Whether all 4096 bytes of a function's space can be reached, not only the first 256.</summary>
    public static bool IsMapped(PciAddress address) => Find(address, 0) != null;

    /// <summary>Reads a byte at <paramref name="offset"/>.</summary>
    public static byte Read8(PciAddress address, int offset)
    {
        return (byte)(ReadAligned(address, offset & ~3) >> (8 * (offset & 3)));
    }

    /// <summary>Reads 16 bits at <paramref name="offset"/>, a multiple of 2.</summary>
    public static ushort Read16(PciAddress address, int offset)
    {
        return (ushort)(ReadAligned(address, offset & ~3) >> (8 * (offset & 2)));
    }

    /// <summary>Reads 32 bits at <paramref name="offset"/>, a multiple of 4.</summary>
    public static uint Read32(PciAddress address, int offset)
    {
        return ReadAligned(address, offset & ~3);
    }

    /// <summary>Writes a byte at <paramref name="offset"/>.</summary>
    public static void Write8(PciAddress address, int offset, byte value)
    {
        byte* mapped = Find(address, offset);
        if (mapped != null)
        {
            Volatile.Write(ref *mapped, value);
        }
        else if (IsPortReachable(address, offset))
        {
            using (s_portLock.Enter())
            {
                Select(address, offset);
                Ports.Out8((ushort)(DataPort + (offset & 3)), value);
            }
        }
    }

    /// <summary>Writes 16 bits at <paramref name="offset"/>, a multiple of 2.</summary>
    public static void Write16(PciAddress address, int offset, ushort value)
    {
        offset &= ~1;
        byte* mapped = Find(address, offset);
        if (mapped != null)
        {
            Volatile.Write(ref *(ushort*)mapped, value);
        }
        else if (IsPortReachable(address, offset))
        {
            using (s_portLock.Enter())
            {
                Select(address, offset);
                Ports.Out16((ushort)(DataPort + (offset & 2)), value);
            }
        }
    }

    /// <summary>Writes 32 bits at <paramref name="offset"/>, a multiple of 4.</summary>
    public static void Write32(PciAddress address, int offset, uint value)
    {
        offset &= ~3;
        byte* mapped = Find(address, offset);
        if (mapped != null)
        {
            Volatile.Write(ref *(uint*)mapped, value);
        }
        else if (IsPortReachable(address, offset))
        {
            using (s_portLock.Enter())
            {
                Select(address, offset);
                Ports.Out32(DataPort, value);
            }
        }
    }

    private static uint ReadAligned(PciAddress address, int offset)
    {
        byte* mapped = Find(address, offset);
        if (mapped != null)
        {
            return Volatile.Read(ref *(uint*)mapped);
        }

        if (!IsPortReachable(address, offset))
        {
            return uint.MaxValue;
        }

        using (s_portLock.Enter())
        {
            Select(address, offset);
            return Ports.In32(DataPort);
        }
    }

    [RequiresLock(nameof(s_portLock))]
    private static void Select(PciAddress address, int offset)
    {
        uint function = ((uint)address.Bus << 16) | ((uint)(address.Device & 31) << 11) | ((uint)(address.Function & 7) << 8);
        Ports.Out32(AddressPort, EnableAccess | function | ((uint)offset & 0xFC));
    }

    private static bool IsPortReachable(PciAddress address, int offset)
    {
        return address.Segment == 0 && (uint)offset < PortLimit;
    }

    private static byte* Find(PciAddress address, int offset)
    {
        if ((uint)offset >= MemoryLimit)
        {
            return null;
        }

        for (int i = 0; i < s_rangeCount; i++)
        {
            EcamRange range = s_ranges[i & RangeMask];
            if (range.Segment == address.Segment && address.Bus >= range.FirstBus && address.Bus <= range.LastBus)
            {
                ulong function = ((ulong)address.Bus << 20) | ((ulong)(address.Device & 31) << 15) | ((ulong)(address.Function & 7) << 12);
                return (byte*)DirectMap.ToVirtual(range.PhysicalBase + function + (uint)offset);
            }
        }

        return null;
    }

    [InlineArray(MaximumRanges)]
    private struct RangeTable
    {
        private EcamRange _first;
    }
}
