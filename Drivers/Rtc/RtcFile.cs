using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>An open /dev/rtc0 (rtc(4); Linux, include/uapi/linux/rtc.h).</summary>
/// <param name="device">The clock.</param>
internal sealed class RtcFile(RtcDevice device) : DeviceFile
{
    private const int EventBytes = sizeof(ulong);
    private const int ShortEventBytes = sizeof(uint);

    // struct rtc_time: nine numbers. struct rtc_wkalrm: two bytes, padding, and a time.
    private const int TimeBytes = 36;
    private const int WakeAlarmTime = 4;

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining < ShortEventBytes)
        {
            return -(long)Errno.EINVAL;
        }

        ulong events = device.TakeEvents();
        if (events == 0)
        {
            long error = WaitForEvents(out events);
            if (error != 0)
            {
                return error;
            }
        }

        Span<byte> bytes = stackalloc byte[EventBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, events);
        bytes = bytes[..((long)to.Remaining >= EventBytes ? EventBytes : ShortEventBytes)];
        to.Write(bytes);
        return to.Faulted ? -(long)Errno.EFAULT : bytes.Length;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        device.Queue.Attach(watcher);
        return device.HasEvent ? PollEvents.Readable : PollEvents.None;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed() => device.Close();

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, ControlArgument argument)
    {
        RtcState state = default;
        switch ((RtcRequest)request)
        {
            case RtcRequest.RTC_AIE_ON or RtcRequest.RTC_AIE_OFF:
                device.Enable(RtcInterrupts.Alarm, (RtcRequest)request == RtcRequest.RTC_AIE_ON);
                return 0;
            case RtcRequest.RTC_UIE_ON or RtcRequest.RTC_UIE_OFF:
                device.Enable(RtcInterrupts.Update, (RtcRequest)request == RtcRequest.RTC_UIE_ON);
                return 0;
            case RtcRequest.RTC_PIE_ON when device.GetState().Hertz > RtcDevice.MostUserHertz && !Credentials.Current.Has(Capability.SysResource):
                return -(long)Errno.EACCES;
            case RtcRequest.RTC_PIE_ON or RtcRequest.RTC_PIE_OFF:
                device.Enable(RtcInterrupts.Periodic, (RtcRequest)request == RtcRequest.RTC_PIE_ON);
                return 0;
            case RtcRequest.RTC_IRQP_READ:
                Span<byte> rate = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(rate, (ulong)device.GetState().Hertz);
                return argument.TryWrite(rate) ? 0 : -(long)Errno.EFAULT;
            case RtcRequest.RTC_IRQP_SET:
                return SetRate(argument);
            case RtcRequest.RTC_RD_TIME:
                Errno error = device.Read(out RtcTime now);
                return error != Errno.Ok ? -(long)error : Write(argument, now, 0);
            case RtcRequest.RTC_SET_TIME:
                return SetTime(argument);
            case RtcRequest.RTC_ALM_READ:
                state = device.GetState();
                return Write(argument, AlarmOf(state), 0);
            case RtcRequest.RTC_ALM_SET:
                return TryRead(argument, 0, out RtcTime alarm) ? -(long)device.SetAlarmOfDay(alarm.Hour, alarm.Minute, alarm.Second) : -(long)Errno.EFAULT;
            case RtcRequest.RTC_WKALM_RD:
                state = device.GetState();
                Span<byte> flags = [(state.Enabled & RtcInterrupts.Alarm) != 0 ? (byte)1 : (byte)0, 0, 0, 0];
                return argument.TryWrite(flags) ? Write(argument, AlarmOf(state), WakeAlarmTime) : -(long)Errno.EFAULT;
            case RtcRequest.RTC_WKALM_SET:
                Span<byte> enabled = stackalloc byte[1];
                return argument.TryRead(enabled) && TryRead(argument, WakeAlarmTime, out alarm) ? -(long)device.SetAlarm(alarm, enabled[0] != 0) : -(long)Errno.EFAULT;
            case RtcRequest.RTC_VL_READ:
                return argument.TryWrite(device.GetState().BatteryIsGood ? 0 : 1) ? 0 : -(long)Errno.EFAULT;
            default:
                return -(long)Errno.ENOTTY;
        }
    }

    // The alarm as a whole time; the chip knows only that of day when nobody set one here.
    private static RtcTime AlarmOf(in RtcState state) =>
        state.Alarm >= 0 ? RtcTime.FromSeconds(state.Alarm) : new RtcTime(1970, 1, 1, Math.Max(state.AlarmOfDay.Hour, 0), Math.Max(state.AlarmOfDay.Minute, 0), Math.Max(state.AlarmOfDay.Second, 0));

    [MightSleep]
    [SuppressMessage("Locking", "CKL030", Justification = "The argument of RTC_IRQP_SET is a number, no address.")]
    private long SetRate(ControlArgument argument)
    {
        ulong hertz = argument.Value;
        if (hertz > RtcDevice.MostUserHertz && !Credentials.Current.Has(Capability.SysResource))
        {
            return -(long)Errno.EACCES;
        }

        return -(long)device.SetRate(hertz);
    }

    [MightSleep]
    private long SetTime(ControlArgument argument)
    {
        if (!Credentials.Current.Has(Capability.SysTime))
        {
            return -(long)Errno.EACCES;
        }

        return TryRead(argument, 0, out RtcTime time) ? -(long)device.Write(time) : -(long)Errno.EFAULT;
    }

    // struct rtc_time: second, minute, hour, day, month from 0, year from 1900, day of the week, day of the year, daylight saving time.
    [MightSleep]
    private static long Write(ControlArgument argument, RtcTime time, ulong offset)
    {
        Span<byte> bytes = stackalloc byte[TimeBytes];
        Span<int> numbers = [time.Second, time.Minute, time.Hour, time.Day, time.Month - 1, time.Year - 1900, time.DayOfWeek, time.DayOfYear, 0];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], numbers[i]);
        }

        return argument.TryWrite(bytes, offset) ? 0 : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private static bool TryRead(ControlArgument argument, ulong offset, out RtcTime time)
    {
        Span<byte> bytes = stackalloc byte[TimeBytes];
        if (!argument.TryRead(bytes, offset))
        {
            time = default;
            return false;
        }

        // A number beyond the years of clocks is as invalid as one that is a little too large, and cannot overflow.
        int year = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]), -1, 10_000) + 1900;
        int month = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), -1, 12) + 1;
        time = new RtcTime(
            year,
            month,
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes));
        return true;
    }

    [MightSleep]
    private long WaitForEvents(out ulong events)
    {
        events = 0;
        if (IsNonBlocking)
        {
            return -(long)Errno.EAGAIN;
        }

        using WaitQueue.Wait wait = device.Queue.Begin();
        while (true)
        {
            wait.Prepare();
            events = device.TakeEvents();
            if (events != 0)
            {
                return 0;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }
}
