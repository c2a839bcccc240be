using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>An open /dev/input/eventN (Linux, Documentation/input/input.rst and include/uapi/linux/input.h).</summary>
/// <param name="handle">The device.</param>
/// <param name="reader">What this open file has not read.</param>
internal sealed class EventFile(EventHandle handle, EventReader reader) : DeviceFile
{
    private const int Version = 0x010001;
    private const int MostStateBytes = 0x300 / 8;

    [Atomic]
    private volatile bool _isRevoked;

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    private bool IsGone => handle.IsGone || _isRevoked;

    private InputDevice Device => handle.Device;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining is > 0 and < TimedEvent.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (IsGone)
        {
            return -(long)Errno.ENODEV;
        }

        if (to.Remaining == 0)
        {
            return handle.HasPacket(reader) || !IsNonBlocking ? 0 : -(long)Errno.EAGAIN;
        }

        if (!handle.TryTake(reader, out TimedEvent taken))
        {
            long error = WaitForEvent(out taken);
            if (error != 0)
            {
                return error;
            }
        }

        long count = 0;
        Span<byte> bytes = stackalloc byte[TimedEvent.Bytes];
        do
        {
            taken.WriteTo(bytes);
            to.Write(bytes);
            if (to.Faulted)
            {
                return count > 0 ? count : -(long)Errno.EFAULT;
            }

            count += TimedEvent.Bytes;
        }
        while (to.Remaining >= TimedEvent.Bytes && handle.TryTake(reader, out taken));
        return count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        if (from.Remaining is > 0 and < TimedEvent.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (IsGone)
        {
            return -(long)Errno.ENODEV;
        }

        long count = 0;
        Span<byte> bytes = stackalloc byte[TimedEvent.Bytes];
        while (from.Remaining >= TimedEvent.Bytes)
        {
            if (from.Read(bytes) < TimedEvent.Bytes)
            {
                return count > 0 ? count : -(long)Errno.EFAULT;
            }

            Device.Send(TimedEvent.ReadFrom(bytes));
            count += TimedEvent.Bytes;
        }

        return count;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        reader.Queue.Attach(watcher);
        PollEvents events = IsGone ? PollEvents.HangUp | PollEvents.Error : PollEvents.Writable;
        return events | (handle.HasPacket(reader) ? PollEvents.Readable : PollEvents.None);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, ControlArgument argument)
    {
        const uint read = 2;
        const uint write = 1;
        uint direction = request >> 30;
        int size = (int)(request >> 16) & 0x3FFF;
        uint number = request & 0xFF;
        if (((request >> 8) & 0xFF) != 'E')
        {
            return -(long)Errno.ENOTTY;
        }

        if (IsGone)
        {
            return -(long)Errno.ENODEV;
        }

        return direction switch
        {
            read => Get(number, size, argument),
            write => Set(number, size, argument),
            _ => -(long)Errno.EINVAL,
        };
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed() => handle.Remove(reader);

    [MightSleep]
    private long Get(uint number, int size, ControlArgument argument)
    {
        Span<byte> bytes = stackalloc byte[MostStateBytes];
        switch (number)
        {
            case 0x01:
                BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
                return Give(bytes[..4], size, argument, isExact: true);
            case 0x02:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, Device.Identity.Bus);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], Device.Identity.Vendor);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Device.Identity.Product);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Device.Identity.Version);
                return Give(bytes[..8], size, argument, isExact: true);
            case 0x03:
                if (Device.AllowedOf(InputEventType.Repeat) is null)
                {
                    return -(long)Errno.ENOSYS;
                }

                (int delay, int period) = Device.RepeatRate;
                BinaryPrimitives.WriteInt32LittleEndian(bytes, delay);
                BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], period);
                return Give(bytes[..8], size, argument, isExact: true);
            case 0x06:
                return GiveText(Device.Name, size, argument);
            case 0x07:
                return GiveText(Device.PhysicalPath, size, argument);
            case 0x08:
                return GiveText(Device.UniqueName, size, argument);
            case 0x09:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, Device.Properties);
                return Give(bytes[..8], size, argument);
            case 0x18 or 0x19 or 0x1A or 0x1B:
                ushort type = number switch
                {
                    0x18 => InputEventType.Key,
                    0x19 => InputEventType.Light,
                    0x1A => InputEventType.Sound,
                    _ => InputEventType.Switch,
                };
                return Give(bytes[..handle.CopyState(reader, type, bytes)], size, argument);
            case 0x84:
                // EVIOCGEFFECTS: no device has force feedback.
                return Give(bytes[..4], size, argument, isExact: true);
            case >= 0x20 and < 0x40:
                return GiveBits((int)number - 0x20, bytes, size, argument);
            case >= 0x40 and < 0x80:
                return GiveAxis((int)number - 0x40, bytes, size, argument);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private long Set(uint number, int size, ControlArgument argument)
    {
        Span<byte> bytes = stackalloc byte[8];
        switch (number)
        {
            case 0x03 when size == 8:
                if (Device.AllowedOf(InputEventType.Repeat) is null)
                {
                    return -(long)Errno.ENOSYS;
                }

                if (!argument.TryRead(bytes))
                {
                    return -(long)Errno.EFAULT;
                }

                Device.Send(new InputEvent(InputEventType.Repeat, InputCodes.RepeatDelay, BinaryPrimitives.ReadInt32LittleEndian(bytes)));
                Device.Send(new InputEvent(InputEventType.Repeat, InputCodes.RepeatPeriod, BinaryPrimitives.ReadInt32LittleEndian(bytes[4..])));
                Device.Send(new InputEvent(InputEventType.Synchronization, InputCodes.Report, 0));
                return 0;
            case 0x90:
                if (argument.Value == 0)
                {
                    return handle.Ungrab(reader) ? 0 : -(long)Errno.EINVAL;
                }

                return handle.TryGrab(reader) ? 0 : -(long)Errno.EBUSY;
            case 0x91 when argument.Value == 0:
                _isRevoked = true;
                handle.Remove(reader);
                reader.Queue.WakeAll(PollEvents.HangUp | PollEvents.Error);
                return 0;
            case 0xA0 when size == 4:
                if (!argument.TryRead(bytes[..4]))
                {
                    return -(long)Errno.EFAULT;
                }

                var clock = (EventClock)BinaryPrimitives.ReadInt32LittleEndian(bytes);
                if (clock is not (EventClock.Realtime or EventClock.Monotonic or EventClock.Boot))
                {
                    return -(long)Errno.EINVAL;
                }

                handle.SetClock(reader, clock);
                return 0;
            default:
                return -(long)Errno.EINVAL;
        }
    }

    // As much as the request has room for; what must be whole has one size only.
    private static long Give(ReadOnlySpan<byte> bytes, int size, ControlArgument argument, bool isExact = false)
    {
        if (isExact && size != bytes.Length)
        {
            return -(long)Errno.EINVAL;
        }

        int count = Math.Min(size, bytes.Length);
        return !argument.TryWrite(bytes[..count]) ? -(long)Errno.EFAULT : isExact ? 0 : count;
    }

    private static long GiveText(string text, int size, ControlArgument argument) => text.Length == 0 ? -(long)Errno.ENOENT : Give(Encoding.UTF8.GetBytes(text + "\0"), size, argument);

    private long GiveBits(int type, Span<byte> bytes, int size, ControlArgument argument)
    {
        int codes = type == 0 ? InputEventType.Count : InputEventType.CodesOf(type);
        if (codes == 0)
        {
            return -(long)Errno.EINVAL;
        }

        // A type that the device does not have: no bit is set.
        int length = (codes + 63) / 64 * 8;
        bytes = bytes[..length];
        bytes.Clear();
        Device.AllowedOf(type)?.CopyTo(bytes);
        return Give(bytes, size, argument);
    }

    private long GiveAxis(int axis, Span<byte> bytes, int size, ControlArgument argument)
    {
        if (!Device.Allows(InputEventType.Absolute, axis))
        {
            return -(long)Errno.EINVAL;
        }

        AbsoluteAxis range = Device.GetAxis(axis, out int position);
        Span<int> values = [position, range.Minimum, range.Maximum, range.Fuzz, range.Flat, range.Resolution];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], values[i]);
        }

        return Give(bytes[..(4 * values.Length)], size, argument);
    }

    [MightSleep]
    private long WaitForEvent(out TimedEvent taken)
    {
        if (IsNonBlocking)
        {
            taken = default;
            return -(long)Errno.EAGAIN;
        }

        using WaitQueue.Wait wait = reader.Queue.Begin();
        while (true)
        {
            wait.Prepare();
            if (handle.TryTake(reader, out taken))
            {
                return 0;
            }

            if (IsGone)
            {
                return -(long)Errno.ENODEV;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }
}
