using System;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.VirtioRng;

/// <summary>
/// The queue of an entropy device (Virtual I/O Device 1.2, section 5.4) and its only buffer, which is either the device's or read from, without locks and waits: the device that owns it brings those, and host
/// tests put a simulated device at the other end. Nothing allocates but the constructor.
/// </summary>
[Owned]
internal sealed class EntropyBuffer(VirtQueue queue, DmaBuffer buffer)
{
    /// <summary>Bytes that are asked for at once.</summary>
    public const int Bytes = 256;

    private const int Token = 0;

    private int _count;
    private int _position;

    /// <summary>The queue; the owner shows it to the device.</summary>
    public VirtQueue Queue { get; } = queue;

    /// <summary>The device has the buffer.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Takes bytes that the device gave. Nobody gets the same ones again.</summary>
    /// <returns>How many; 0 when none are there.</returns>
    [NoAllocation]
    public int Take(Span<byte> to)
    {
        int count = IsAsked ? 0 : Math.Min(_count - _position, to.Length);
        if (count <= 0)
        {
            return 0;
        }

        Span<byte> bytes = buffer.Span(_position, count);
        bytes.CopyTo(to);
        bytes.Clear();
        _position += count;
        return count;
    }

    /// <summary>Gives the device the buffer, all of which was taken.</summary>
    /// <returns>False when it has it already, since somebody who asked has given up, and when something is there to be taken.</returns>
    [NoAllocation]
    public bool Ask()
    {
        if (IsAsked || _position < _count)
        {
            return false;
        }

        _position = 0;
        _count = 0;

        // A queue that is not used any more takes nothing: then the end of the device is waited for.
        IsAsked = true;
        return Queue.TryAdd([], [new DmaSegment(buffer.PhysicalAddress, Bytes)], Token);
    }

    /// <summary>Takes the buffer back that the device has filled.</summary>
    /// <returns>False when it did what it must not.</returns>
    [NoAllocation]
    public bool Fill()
    {
        bool isFilled = true;
        while (Queue.TryTake(out _, out uint written))
        {
            IsAsked = false;
            _count = (int)written;

            // It must write at least a byte (section 5.4.6.2).
            isFilled &= written > 0;
        }

        return isFilled && Queue.Fault == VirtQueueFault.None;
    }
}
