using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Modules.Input;

/// <summary>Events on their way from the driver to the handlers, and back to the device.</summary>
public abstract partial class InputDevice
{
    /// <summary>Reports a change; what belongs to it follows, and <see cref="Synchronize"/> at the end. Any context but NMI.</summary>
    /// <param name="type">One of <see cref="InputEventType"/>.</param>
    /// <param name="code">A code of that type.</param>
    /// <param name="value">The new state.</param>
    [NoAllocation]
    public void Report(ushort type, ushort code, int value)
    {
        using (_lock.Enter())
        {
            Take(new InputEvent(type, code, value));
        }
    }

    /// <summary>Reports a key or button. Any context but NMI.</summary>
    [NoAllocation]
    public void ReportKey(ushort key, bool isDown) => Report(InputEventType.Key, key, isDown ? 1 : 0);

    /// <summary>Ends the packet: handlers get what was reported since the last one. Any context but NMI.</summary>
    [NoAllocation]
    public void Synchronize()
    {
        using (_lock.Enter())
        {
            EndPacket(Clock.MonotonicNanoseconds);
        }
    }

    /// <summary>
    /// Somebody wants the device to do something, or pretends an event of it (write(2) to its node): lights, sounds and repetition go to the driver, other events to the handlers as if the device had
    /// reported them. What the device cannot do is dropped. Any context but NMI; not from <see cref="InputHandle.Receive"/>.
    /// </summary>
    /// <param name="sent">The event.</param>
    [NoAllocation]
    public void Send(InputEvent sent)
    {
        using (_lock.Enter())
        {
            if (sent is { Type: InputEventType.Synchronization, Code: InputCodes.Report })
            {
                EndPacket(Clock.MonotonicNanoseconds);
            }
            else
            {
                Take(sent);
            }
        }
    }

    /// <summary>Reports all keys that are down as released. Any context but NMI.</summary>
    [NoAllocation]
    public void ReleaseKeys()
    {
        using (_lock.Enter())
        {
            for (int key = 0; key < _keys.Count; key++)
            {
                if (_keys.Has(key))
                {
                    Take(new InputEvent(InputEventType.Key, (ushort)key, 0));
                }
            }

            EndPacket(Clock.MonotonicNanoseconds);
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Take(InputEvent reported)
    {
        if (!_isOpen || !Allows(reported.Type, reported.Code) || reported.Type == InputEventType.Synchronization)
        {
            return;
        }

        bool isNew = reported.Type switch
        {
            InputEventType.Key => TakeKey(reported.Code, reported.Value),
            InputEventType.Relative => reported.Value != 0,
            InputEventType.Absolute => TakePosition(reported.Code, reported.Value),
            InputEventType.Switch => _switches.Set(reported.Code, reported.Value != 0),
            InputEventType.Light => _lights.Set(reported.Code, reported.Value != 0),
            InputEventType.Sound => TakeSound(reported.Code, reported.Value),
            InputEventType.Repeat => TakeRepeat(reported.Code, reported.Value),
            _ => true,
        };
        if (!isNew)
        {
            return;
        }

        if (reported.Type is InputEventType.Light or InputEventType.Sound or InputEventType.Repeat)
        {
            OnOutput(reported);
        }

        // Room for the report that ends the packet.
        if (_packetLength == PacketLength - 1)
        {
            Deliver(Clock.MonotonicNanoseconds);
        }

        _packet[_packetLength++] = reported;
    }

    // Keys change, or repeat while they are down: then the value is 2, and no state changes.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private bool TakeKey(ushort key, int value)
    {
        if (value == 2)
        {
            return _keys.Has(key);
        }

        if (!_keys.Set(key, value != 0))
        {
            return false;
        }

        if (!RepeatsItself && AllowedOf(InputEventType.Repeat) is not null)
        {
            if (value != 0)
            {
                _repeatedKey = key;
                _timer.Start(Clock.MonotonicNanoseconds + ((ulong)_repeatDelay * Millisecond));
            }
            else if (_repeatedKey == key)
            {
                _timer.Cancel();
            }
        }

        return true;
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private bool TakePosition(ushort axis, int value)
    {
        int fuzz = _axes[axis].Fuzz;
        int old = _positions[axis];

        // Jitter below half of the fuzz is noise (Linux, Documentation/input/event-codes.rst, ABS_*: defuzzing).
        long distance = value > old ? (long)value - old : (long)old - value;
        if (distance == 0 || (fuzz > 0 && distance < fuzz / 2))
        {
            return false;
        }

        _positions[axis] = value;
        return true;
    }

    // A tone with another frequency is new too; the others only as they begin and end.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private bool TakeSound(ushort sound, int value)
    {
        bool changed = _sounds.Set(sound, value != 0);
        return changed || (sound == InputCodes.Tone && value != 0);
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private bool TakeRepeat(ushort code, int value)
    {
        const int mostMilliseconds = 60_000;
        int old = code == InputCodes.RepeatDelay ? _repeatDelay : _repeatPeriod;
        if (value < 0 || value > mostMilliseconds || value == old)
        {
            return false;
        }

        if (code == InputCodes.RepeatDelay)
        {
            _repeatDelay = value;
        }
        else
        {
            _repeatPeriod = value;
        }

        return true;
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void EndPacket(ulong time)
    {
        if (_packetLength > 0)
        {
            _packet[_packetLength++] = new InputEvent(InputEventType.Synchronization, InputCodes.Report, 0);
            Deliver(time);
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Deliver(ulong time)
    {
        ReadOnlySpan<InputEvent> events = _packet.AsSpan(0, _packetLength);
        _packetLength = 0;
        if (_grab is { } grab)
        {
            grab.Receive(events, time);
            return;
        }

        InputHandle[] handles = _handles;
        for (int i = 0; i < handles.Length; i++)
        {
            handles[i].Receive(events, time);
        }
    }

    // In the timer's interrupt.
    [InterruptContext]
    private void RepeatKey(ulong now)
    {
        using (_lock.Enter())
        {
            if (!_isOpen || !_keys.Has(_repeatedKey))
            {
                return;
            }

            Take(new InputEvent(InputEventType.Key, (ushort)_repeatedKey, 2));
            EndPacket(now);
            if (_repeatPeriod > 0)
            {
                _timer.Start(now + ((ulong)_repeatPeriod * Millisecond));
            }
        }
    }
}
