using System;
using System.Numerics;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>
/// Both queues of a console's port (Virtual I/O Device 1.2, section 5.3) and their buffers, without locks and waits: the device that owns them brings those, and host tests put a simulated device at the
/// other end. Nothing allocates but the constructor. Queues are only filled here; the owner shows them to the device.
/// </summary>
[Owned]
internal sealed class ConsoleQueues
{
    /// <summary>Bytes of a buffer.</summary>
    public const int SlotBytes = 512;

    private const int MostSlots = 16;
    private const int None = -1;

    private readonly DmaBuffer _buffer;
    private readonly int _receiveSlots;
    private readonly int _sendSlots;

    // Buffers on the way to the device that nobody uses, a bit for each.
    private int _free;

    // The received buffer that is being read, and what of it was not.
    private int _reading = None;
    private int _start;
    private int _end;

    /// <summary>Makes the driver's side.</summary>
    /// <param name="receive">The queue of what the host sends.</param>
    /// <param name="transmit">The queue of what it gets.</param>
    /// <param name="buffer">At least <see cref="BufferBytes"/>.</param>
    public ConsoleQueues(VirtQueue receive, VirtQueue transmit, DmaBuffer buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, BufferBytes);
        Receive = receive;
        Transmit = transmit;
        _buffer = buffer;

        // Each buffer takes a descriptor: with no more of them than descriptors, a free one always fits.
        _receiveSlots = Math.Min(MostSlots, receive.Size);
        _sendSlots = Math.Min(MostSlots, transmit.Size);
        _free = (1 << _sendSlots) - 1;
    }

    /// <summary>Memory that all buffers take.</summary>
    public static int BufferBytes => 2 * MostSlots * SlotBytes;

    /// <summary>Descriptors of each queue that are used, if it has that many.</summary>
    public static int WantedSize => MostSlots;

    /// <summary>What the host sends.</summary>
    public VirtQueue Receive { get; }

    /// <summary>What the host gets.</summary>
    public VirtQueue Transmit { get; }

    /// <summary>Bytes that <see cref="Send"/> takes for sure.</summary>
    public int Room => Transmit.Fault == VirtQueueFault.None ? FreeBytes : 0;

    /// <summary>Bytes that the host has not taken, by whole buffers.</summary>
    public int Unsent => (_sendSlots * SlotBytes) - FreeBytes;

    private int FreeBytes => BitOperations.PopCount((uint)_free) * SlotBytes;

    /// <summary>Gives the device everything that it may fill. Once.</summary>
    [NoAllocation]
    public void Fill()
    {
        for (int slot = 0; slot < _receiveSlots; slot++)
        {
            Give(slot);
        }
    }

    /// <summary>Fills the next free buffer.</summary>
    /// <returns>How many bytes it took; 0 when none is free, or the queue is not used any more.</returns>
    [NoAllocation]
    public int Send(ReadOnlySpan<byte> bytes)
    {
        if (_free == 0 || bytes.IsEmpty)
        {
            return 0;
        }

        int slot = BitOperations.TrailingZeroCount(_free);
        int count = Math.Min(bytes.Length, SlotBytes);
        int offset = (MostSlots + slot) * SlotBytes;
        bytes[..count].CopyTo(_buffer.Span(offset, count));
        if (!Transmit.TryAdd([new DmaSegment(_buffer.PhysicalAddress + (ulong)offset, count)], [], slot))
        {
            return 0;
        }

        _free &= ~(1 << slot);
        return count;
    }

    /// <summary>Takes back what the host has read.</summary>
    [NoAllocation]
    public void TakeSent()
    {
        while (Transmit.TryTake(out int slot, out _))
        {
            _free |= 1 << slot;
        }
    }

    /// <summary>Takes bytes that have come, of one buffer at most. A buffer of which all was taken is the device's again.</summary>
    /// <param name="to">Where they go, not empty.</param>
    /// <returns>How many; 0 when none are there, or the queue is not used any more.</returns>
    [NoAllocation]
    public int TakeInput(Span<byte> to)
    {
        // As often as there are buffers: a device that returns empty ones is not waited for.
        for (int i = 0; _reading == None && i < _receiveSlots; i++)
        {
            if (!Receive.TryTake(out int slot, out uint written))
            {
                return 0;
            }

            (_reading, _start, _end) = (slot, 0, (int)written);
            GiveBackIfRead();
        }

        if (_reading == None)
        {
            return 0;
        }

        int count = Math.Min(to.Length, _end - _start);
        _buffer.Span((_reading * SlotBytes) + _start, count).CopyTo(to);
        _start += count;
        GiveBackIfRead();
        return count;
    }

    /// <summary>Drops what has come. What comes meanwhile may stay.</summary>
    [NoAllocation]
    public void DropInput()
    {
        for (int i = 0; i <= _receiveSlots; i++)
        {
            if (_reading == None)
            {
                if (!Receive.TryTake(out int slot, out _))
                {
                    return;
                }

                _reading = slot;
            }

            _start = _end = 0;
            GiveBackIfRead();
        }
    }

    private void GiveBackIfRead()
    {
        if (_start == _end)
        {
            int slot = _reading;
            _reading = None;
            Give(slot);
        }
    }

    // Fails only when the queue is not used any more.
    private void Give(int slot) => Receive.TryAdd([], [new DmaSegment(_buffer.PhysicalAddress + (ulong)(slot * SlotBytes), SlotBytes)], slot);
}
