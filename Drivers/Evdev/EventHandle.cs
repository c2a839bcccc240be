using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>One input device as /dev/input/eventN: gives what it reports to all who have the node open.</summary>
/// <param name="device">The device.</param>
/// <param name="number">N.</param>
internal sealed class EventHandle(InputDevice device, int number) : InputHandle(device)
{
    private IrqSpinLock _lock = new(LockClasses.Register("evdev.readers"));

    // Replaced as a whole.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private EventReader[] _readers = [];

    [GuardedBy(nameof(_lock))]
    private EventReader? _grab;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private bool _isGone;

    /// <summary>N of eventN.</summary>
    public int Number { get; } = number;

    /// <summary>The device is gone: every operation is ENODEV. Any context.</summary>
    public bool IsGone => Volatile.Read(ref _isGone);

    /// <inheritdoc/>
    public override bool HasListener => Volatile.Read(ref _readers).Length > 0;

    /// <inheritdoc/>
    public override void Receive(ReadOnlySpan<InputEvent> events, ulong time)
    {
        EventReader[] woken;
        using (_lock.Enter())
        {
            woken = _readers;
            for (int i = 0; i < woken.Length; i++)
            {
                EventReader reader = woken[i];
                reader.IsWoken = false;
                if (_grab is null || _grab == reader)
                {
                    long stamp = reader.StampOf(time);
                    for (int j = 0; j < events.Length; j++)
                    {
                        reader.IsWoken |= reader.Ring.Add(new TimedEvent(stamp, events[j]));
                    }
                }
            }
        }

        // Not with the lock: it sends signals. Packets of a device come one after the other, so nobody else touches IsWoken.
        for (int i = 0; i < woken.Length; i++)
        {
            if (woken[i].IsWoken)
            {
                woken[i].Queue.Wake(PollEvents.Readable);
            }
        }
    }

    /// <summary>Adds a reader. Task context.</summary>
    /// <returns>False when the device is gone.</returns>
    public bool TryAdd(EventReader reader)
    {
        while (true)
        {
            EventReader[] before = Volatile.Read(ref _readers);
            EventReader[] after = [.. before, reader];
            using (_lock.Enter())
            {
                if (_isGone || _readers == before)
                {
                    _readers = _isGone ? before : after;
                    return !_isGone;
                }
            }
        }
    }

    /// <summary>Takes a reader away. Task context.</summary>
    public void Remove(EventReader reader)
    {
        Ungrab(reader);
        while (true)
        {
            EventReader[] before = Volatile.Read(ref _readers);
            EventReader[] after = Array.FindAll(before, other => other != reader);
            using (_lock.Enter())
            {
                if (_readers == before)
                {
                    _readers = after;
                    return;
                }
            }
        }
    }

    /// <summary>The device is gone: wakes all readers. Task context.</summary>
    public void Close()
    {
        EventReader[] readers;
        using (_lock.Enter())
        {
            Volatile.Write(ref _isGone, true);
            readers = _readers;
        }

        foreach (EventReader reader in readers)
        {
            reader.Queue.WakeAll(PollEvents.HangUp | PollEvents.Error);
        }
    }

    /// <summary>Makes a reader the only one of this device (EVIOCGRAB).</summary>
    /// <returns>False when there is another, here or at another handler.</returns>
    public bool TryGrab(EventReader reader)
    {
        using (_lock.Enter())
        {
            // One whose access was revoked gets no events any more, and must not keep them from others.
            if (_grab is not null || Array.IndexOf(_readers, reader) < 0)
            {
                return false;
            }

            _grab = reader;
        }

        // Not with the lock: the device takes its own one first.
        if (TryGrab())
        {
            return true;
        }

        using (_lock.Enter())
        {
            _grab = null;
        }

        return false;
    }

    /// <summary>Ends <see cref="TryGrab(EventReader)"/>.</summary>
    /// <returns>False when the reader is not the only one.</returns>
    public bool Ungrab(EventReader reader)
    {
        using (_lock.Enter())
        {
            if (_grab != reader)
            {
                return false;
            }
        }

        Ungrab();
        using (_lock.Enter())
        {
            _grab = null;
        }

        return true;
    }

    /// <summary>Takes the next event that a reader can have.</summary>
    public bool TryTake(EventReader reader, out TimedEvent taken)
    {
        using (_lock.Enter())
        {
            return reader.Ring.TryTake(out taken);
        }
    }

    /// <summary>Whether a reader can have an event.</summary>
    public bool HasPacket(EventReader reader)
    {
        using (_lock.Enter())
        {
            return reader.Ring.HasPacket;
        }
    }

    /// <summary>Copies the device's state of a type, and takes its events from a reader's ring: the state has them.</summary>
    public int CopyState(EventReader reader, ushort type, Span<byte> bytes)
    {
        int count = Device.CopyState(type, bytes);
        using (_lock.Enter())
        {
            reader.Ring.Remove(type);
        }

        return count;
    }

    /// <summary>Changes the clock of a reader (EVIOCSCLOCKID).</summary>
    public void SetClock(EventReader reader, EventClock clock)
    {
        using (_lock.Enter())
        {
            if (reader.Clock != clock)
            {
                reader.Clock = clock;
                reader.Ring.Restart(reader.StampOf(Clock.MonotonicNanoseconds));
            }
        }
    }
}
