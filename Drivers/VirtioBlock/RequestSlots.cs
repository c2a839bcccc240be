using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.VirtioBlock;

/// <summary>
/// What each request of a queue has beside its data: header, range and status (Virtual I/O Device 1.2, section 5.2.6), in memory that the device reads and writes; and what its answers are worth. By slot, which is
/// the tag of the request; the slot behind the last tag is that of the question who the device is. Nothing here allocates or waits; any context but NMI, one at a time for each slot.
/// </summary>
/// <param name="memory">At least <see cref="BytesFor"/> bytes.</param>
/// <param name="depth">Tags.</param>
/// <param name="countsWritten">
/// The device says truthfully how many bytes it wrote, as those from version 1.0 on must (section 2.7.8.2). Of older ones many do not, and drivers had better not look (section 2.7.8.1).
/// </param>
internal sealed class RequestSlots(DmaBuffer memory, int depth, bool countsWritten)
{
    /// <summary>Characters of the answer who the device is, at most.</summary>
    public const int IdBytes = 20;

    private const int SlotBytes = 64;
    private const int SectorOffset = 8;
    private const int RangeOffset = 16;
    private const int RangeBytes = 16;
    private const int StatusOffset = 32;
    private const byte NoStatus = 0xFF;

    /// <summary>The slot of the question who the device is.</summary>
    public int IdentifySlot => depth;

    /// <summary>Where the answer to that question goes, behind all slots.</summary>
    public DmaSegment Id => new(memory.PhysicalAddress + (ulong)((depth + 1) * SlotBytes), IdBytes);

    /// <summary>Bytes for the slots of a queue.</summary>
    /// <param name="depth">Tags.</param>
    public static int BytesFor(int depth) => (depth + 2) * SlotBytes;

    /// <summary>Writes the header of a request, whose status is none until the device writes one.</summary>
    /// <returns>What the device reads first.</returns>
    [NoAllocation]
    public DmaSegment WriteHeader(int slot, uint type, ulong sector)
    {
        int at = slot * SlotBytes;
        memory.Write32(at, type);
        memory.Write32(at + 4, 0);
        memory.Write64(at + SectorOffset, sector);
        memory.Write8(at + StatusOffset, NoStatus);
        return new DmaSegment(memory.PhysicalAddress + (ulong)at, RangeOffset);
    }

    /// <summary>Writes what range a request without data is about.</summary>
    /// <returns>What the device reads behind the header.</returns>
    [NoAllocation]
    public DmaSegment WriteRange(int slot, ulong sector, uint sectors)
    {
        int at = (slot * SlotBytes) + RangeOffset;
        memory.Write64(at, sector);
        memory.Write32(at + 8, sectors);
        memory.Write32(at + 12, 0);
        return new DmaSegment(memory.PhysicalAddress + (ulong)at, RangeBytes);
    }

    /// <summary>Where the device writes the status, its last byte.</summary>
    [NoAllocation]
    public DmaSegment Status(int slot) => new(memory.PhysicalAddress + (ulong)((slot * SlotBytes) + StatusOffset), 1);

    /// <summary>How a request has ended.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="written">Bytes that the device says that it wrote.</param>
    /// <param name="expected">Bytes of data that it had to write.</param>
    /// <returns>
    /// Ok; EOPNOTSUPP; EIO, also when there is no status, or when fewer bytes were written than there had to be: what is in memory behind them is not the disk's. A device that does not count the status itself is
    /// believed, since a status that it has not written would not be there.
    /// </returns>
    [NoAllocation]
    public Errno ResultOf(int slot, uint written, int expected) => memory.Read8((slot * SlotBytes) + StatusOffset) switch
    {
        BlockFeatures.StatusOk => countsWritten && written < (uint)expected ? Errno.EIO : Errno.Ok,
        BlockFeatures.StatusUnsupported => Errno.EOPNOTSUPP,
        _ => Errno.EIO,
    };

    /// <summary>Who the device says that it is. Task context.</summary>
    /// <param name="written">Bytes that the device says that it wrote.</param>
    /// <returns>Up to 20 characters, of which those count that the device wrote; empty when it does not say.</returns>
    public string ReadId(uint written)
    {
        if (ResultOf(IdentifySlot, 0, 0) != Errno.Ok)
        {
            return "";
        }

        int answer = (depth + 1) * SlotBytes;
        int most = countsWritten ? (int)Math.Min(written, IdBytes) : IdBytes;
        Span<char> text = stackalloc char[IdBytes];
        int length = 0;
        for (; length < most && memory.Read8(answer + length) is var value and >= 0x20 and < 0x7F; length++)
        {
            text[length] = (char)value;
        }

        return text[..length].Trim().ToString();
    }
}
