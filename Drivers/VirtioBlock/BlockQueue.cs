using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.VirtioBlock;

/// <summary>One queue of the device, and the requests that the device has.</summary>
internal sealed class BlockQueue
{
    private static readonly LockClass s_class = LockClasses.Register("virtio block queue");

    private readonly VirtioDevice _device;
    private readonly RequestSlots _slots;
    private readonly int _depth;
    private readonly int _longestSegment;
    private readonly Completion _identified = new("virtio block id");

    // What the device says that it wrote of the answer who it is; set before _identified.
    [Atomic]
    private uint _idWritten;

    private IrqSpinLock _lock = new(s_class);

    [GuardedBy(nameof(_lock))]
    private readonly VirtQueue _queue;

    // By tag; what the device has.
    [GuardedBy(nameof(_lock))]
    private readonly BlockRequest?[] _requests;

    [GuardedBy(nameof(_lock))]
    private readonly BlockSegment[] _segments = new BlockSegment[BlockRequest.SegmentLimit];

    [GuardedBy(nameof(_lock))]
    private readonly DmaSegment[] _pieces = new DmaSegment[BlockRequest.SegmentLimit + 2];

    // Nothing goes to the device any more; why.
    [GuardedBy(nameof(_lock))]
    private Errno _stopped;

    /// <summary>Makes one for a queue of a device that has not been started. Task context.</summary>
    /// <param name="device">The device.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="depth">Requests at once.</param>
    /// <param name="longestSegment">Bytes of a segment at most.</param>
    [MightSleep]
    public BlockQueue(VirtioDevice device, VirtQueue queue, int depth, int longestSegment)
    {
        _device = device;
        _queue = queue;
        _depth = depth;
        _longestSegment = longestSegment;
        _requests = new BlockRequest?[depth];

        _slots = new RequestSlots(device.Pci.AllocateDma(RequestSlots.BytesFor(depth), ulong.MaxValue), depth, countsWritten: !device.IsLegacy);
    }

    /// <summary>Gives the device a request. Preemption off.</summary>
    /// <returns>False: it has no room now.</returns>
    [NoAllocation]
    public bool Submit(BlockRequest request)
    {
        using (_lock.Enter())
        {
            if (_stopped != Errno.Ok)
            {
                request.Complete(_stopped);
                return true;
            }

            BlockOperation operation = request.Operation;
            _pieces[0] = _slots.WriteHeader(request.Tag, TypeOf(operation), operation is BlockOperation.Read or BlockOperation.Write ? request.Sector : 0);
            int count = 1;
            if (operation is BlockOperation.Discard or BlockOperation.WriteZeroes)
            {
                _pieces[count++] = _slots.WriteRange(request.Tag, request.Sector, request.Sectors);
            }

            count += CopySegments(request, count);
            _pieces[count++] = _slots.Status(request.Tag);
            int readable = operation == BlockOperation.Read ? 1 : count - 1;
            _requests[request.Tag] = request;
            if (_queue.TryAdd(_pieces.AsSpan(0, readable), _pieces.AsSpan(readable, count - readable), request.Tag))
            {
                return true;
            }

            _requests[request.Tag] = null;
            return false;
        }
    }

    /// <summary>Shows the device what was submitted. Preemption off.</summary>
    [NoAllocation]
    public void Commit()
    {
        using (_lock.Enter())
        {
            _device.Kick(_queue);
        }
    }

    /// <summary>The device may have completed requests. Hard-interrupt context.</summary>
    [InterruptContext]
    public void OnInterrupt()
    {
        using (_lock.Enter())
        {
            do
            {
                _queue.DisableInterrupts();
                while (_queue.TryTake(out int tag, out uint written))
                {
                    End(tag, written);
                }
            }
            while (_queue.EnableInterrupts());

            if (_queue.Fault != VirtQueueFault.None)
            {
                _device.Break(_queue);
            }
        }
    }

    /// <summary>The device was reset: what it had ends with an error, and so does what comes. Task context.</summary>
    [NoAllocation]
    public void Stop(Errno error)
    {
        using (_lock.Enter())
        {
            _stopped = error;
            while (_queue.TryDetach(out int tag))
            {
                if (tag < _depth && _requests[tag] is { } request)
                {
                    _requests[tag] = null;
                    request.Complete(error);
                }
            }
        }
    }

    /// <summary>Asks the device for its serial number. Task context, before the disk is registered.</summary>
    /// <returns>Up to 20 characters; empty when it has none.</returns>
    [MightSleep]
    public string Identify()
    {
        int slot = _slots.IdentifySlot;
        using (_lock.Enter())
        {
            _pieces[0] = _slots.WriteHeader(slot, BlockFeatures.IdentifyRequest, 0);
            _pieces[1] = _slots.Id;
            _pieces[2] = _slots.Status(slot);
            if (!_queue.TryAdd(_pieces.AsSpan(0, 1), _pieces.AsSpan(1, 2), slot))
            {
                return "";
            }

            _device.Kick(_queue);
        }

        const ulong Seconds = 5_000_000_000;
        return _identified.Wait(Machine.Time.Clock.MonotonicNanoseconds + Seconds) == WaitResult.Woken ? _slots.ReadId(Volatile.Read(ref _idWritten)) : "";
    }

    [NoAllocation]
    private static uint TypeOf(BlockOperation operation) => operation switch
    {
        BlockOperation.Read => BlockFeatures.ReadRequest,
        BlockOperation.Write => BlockFeatures.WriteRequest,
        BlockOperation.Flush => BlockFeatures.FlushRequest,
        BlockOperation.Discard => BlockFeatures.DiscardRequest,
        _ => BlockFeatures.WriteZeroesRequest,
    };

    // Neighbours in memory become one piece.
    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private int CopySegments(BlockRequest request, int at)
    {
        int first = at;
        int count = request.CopySegments(_segments);
        for (int i = 0; i < count; i++)
        {
            var piece = new DmaSegment(_segments[i].PhysicalAddress, _segments[i].Length);
            if (at > first && _pieces[at - 1].IsFollowedBy(piece) && _pieces[at - 1].Length + piece.Length <= _longestSegment)
            {
                _pieces[at - 1] = new DmaSegment(_pieces[at - 1].Address, _pieces[at - 1].Length + piece.Length);
            }
            else
            {
                _pieces[at++] = piece;
            }
        }

        return at - first;
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void End(int tag, uint written)
    {
        if (tag == _depth)
        {
            Volatile.Write(ref _idWritten, written);
            _identified.Complete();
            return;
        }

        if (_requests[tag] is { } request)
        {
            _requests[tag] = null;
            request.Complete(_slots.ResultOf(tag, written, request.Operation == BlockOperation.Read ? request.Bytes : 0));
        }
    }
}
