using System;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>The queue for commands to the card (Virtual I/O Device 1.2, section 5.1.6.5): one at a time.</summary>
internal sealed class ControlSide
{
    private const int DataOffset = 8;
    private const int AnswerOffset = 32;
    private const int BufferBytes = 64;
    private const byte NoAnswer = 0xFF;
    private const ulong Millisecond = 1_000_000;

    private readonly VirtioDevice _device;
    private readonly Completion _broken;
    private readonly DmaBuffer _buffer;
    private readonly Mutex _lock = new("virtio net control");

    [GuardedBy(nameof(_lock))]
    private readonly VirtQueue _queue;

    // The device has not answered, and may still write: nothing is asked of it any more.
    [GuardedBy(nameof(_lock))]
    private bool _isStuck;

    /// <summary>How long an answer may take, in nanoseconds. A device that works answers at once, but its host may stop it for seconds.</summary>
    [Atomic]
    internal ulong Patience { get; set; } = 30_000 * Millisecond;

    /// <summary>Makes it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="queue">Its queue for commands.</param>
    /// <param name="broken">Completed for good when the device is broken.</param>
    [MightSleep]
    public ControlSide(VirtioDevice device, VirtQueue queue, Completion broken)
    {
        _device = device;
        _broken = broken;
        _queue = queue;
        _buffer = device.Pci.AllocateDma(BufferBytes);
        queue.DisableInterrupts();
    }

    /// <summary>Gives a command, and waits for the answer, for <see cref="Patience"/> at most; a device that breaks ends the wait, a signal or a kill does not. Task context.</summary>
    /// <param name="kind">Its class.</param>
    /// <param name="command">Its number.</param>
    /// <param name="data">1 to 24 bytes.</param>
    /// <returns>The device has done it.</returns>
    [MightSleep]
    public bool TryCommand(byte kind, byte command, ReadOnlySpan<byte> data)
    {
        using (_lock.Enter())
        {
            if (_isStuck || _device.IsBroken)
            {
                return false;
            }

            _buffer.Write8(0, kind);
            _buffer.Write8(1, command);
            data.CopyTo(_buffer.Span(DataOffset, data.Length));
            _buffer.Write8(AnswerOffset, NoAnswer);
            ulong start = _buffer.PhysicalAddress;
            DmaSegment[] readable = [new DmaSegment(start, 2), new DmaSegment(start + DataOffset, data.Length)];
            if (!_queue.TryAdd(readable, [new DmaSegment(start + AnswerOffset, 1)], 0))
            {
                return false;
            }

            _device.Kick(_queue);
            return TryAwaitAnswer() && !_device.IsBroken && _buffer.Read8(AnswerOffset) == NetFeatures.Done;
        }
    }

    // Whoever left before the answer came would leave the command and its buffer with the device, and the next one would take this answer for its own.
    [MightSleep]
    [RequiresLock(nameof(_lock))]
    private bool TryAwaitAnswer()
    {
        ulong end = Clock.MonotonicNanoseconds + Patience;
        while (!_device.IsBroken)
        {
            ulong now = Clock.MonotonicNanoseconds;
            if (_queue.TryTake(out _, out _))
            {
                return true;
            }

            if (_queue.Fault != VirtQueueFault.None)
            {
                _device.Break(_queue);
                return false;
            }

            if (now >= end)
            {
                _isStuck = true;
                return false;
            }

            _broken.Wait(now + Millisecond);
        }

        return false;
    }
}
