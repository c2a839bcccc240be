using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>
/// The events that one reader has not read. Only whole packets can be read. When there is no room, everything is dropped but the newest event, before which SYN_DROPPED stands: the reader then
/// asks for the device's state and ignores what comes up to the next SYN_REPORT (Linux, Documentation/input/event-codes.rst). Not synchronized; nothing but the constructor allocates.
/// </summary>
/// <param name="capacity">Events, a power of two; one less fits.</param>
[Owned]
[NoAllocation]
internal sealed class EventRing(int capacity)
{
    private readonly TimedEvent[] _events = new TimedEvent[capacity];
    private readonly uint _mask = (uint)capacity - 1;

    // Positions grow for ever and wrap.
    private uint _head;
    private uint _packetEnd;
    private uint _tail;

    /// <summary>There is a packet, or what is left of one, to read.</summary>
    public bool HasPacket => _packetEnd != _tail;

    /// <summary>Events that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <returns>True when it completes a packet.</returns>
    public bool Add(TimedEvent added)
    {
        _events[_head++ & _mask] = added;
        if (_head - _tail > _mask)
        {
            // The notice of an earlier overrun is no event.
            bool hasNotice = _events[_tail & _mask].Event is { Type: InputEventType.Synchronization, Code: InputCodes.Dropped };
            Dropped += _head - _tail - (hasNotice ? 2 : 1);
            _tail = _head - 2;
            _packetEnd = _tail;
            _events[_tail & _mask] = new TimedEvent(added.Time, new InputEvent(InputEventType.Synchronization, InputCodes.Dropped, 0));
        }

        if (added.Event is { Type: InputEventType.Synchronization, Code: InputCodes.Report })
        {
            _packetEnd = _head;
            return true;
        }

        return false;
    }

    /// <summary>Takes the next event of a complete packet.</summary>
    public bool TryTake(out TimedEvent taken)
    {
        if (!HasPacket)
        {
            taken = default;
            return false;
        }

        taken = _events[_tail++ & _mask];
        return true;
    }

    /// <summary>Drops everything, and says so to the reader if there was something: its clock changes.</summary>
    /// <param name="time">Now, on the new clock.</param>
    public void Restart(long time)
    {
        if (_head == _tail)
        {
            return;
        }

        Dropped += _head - _tail;
        _tail = _head;
        _packetEnd = _head;

        // The packet that is under way goes on behind it.
        _events[_head++ & _mask] = new TimedEvent(time, new InputEvent(InputEventType.Synchronization, InputCodes.Dropped, 0));
    }

    /// <summary>Takes out the events of a type: the reader gets the whole state of them now. Packets that are empty then go with them.</summary>
    /// <param name="type">The type; not that of synchronization.</param>
    public void Remove(ushort type)
    {
        uint to = _tail;
        uint end = _tail;
        bool isEmpty = true;
        for (uint from = _tail; from != _head; from++)
        {
            TimedEvent moved = _events[from & _mask];
            bool isReport = moved.Event is { Type: InputEventType.Synchronization, Code: InputCodes.Report };
            if (moved.Event.Type == type || (isReport && isEmpty))
            {
                continue;
            }

            _events[to++ & _mask] = moved;
            isEmpty = isReport;
            end = isReport ? to : end;
        }

        _head = to;
        _packetEnd = end;
    }
}
