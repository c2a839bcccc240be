using System.Globalization;
using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>/proc/driver/rtc and /sys/class/rtc/rtc0 (Linux, Documentation/ABI/testing/sysfs-class-rtc).</summary>
internal static class RtcReport
{
    private const string Folder = "devices/virtual/rtc/rtc0";

    /// <summary>Adds both. Task context.</summary>
    [MightSleep]
    public static void Add(ModuleContext context, RtcDevice device)
    {
        context.AddProcFile("driver/rtc", to => Write(device, to));
        context.AddSysFile($"{Folder}/name", static to => to.Add("rtc_cmos\n"u8));
        context.AddSysFile($"{Folder}/date", to => to.Add(device.Read(out RtcTime time) == Errno.Ok ? DateOf(time) : "").Line());
        context.AddSysFile($"{Folder}/time", to => to.Add(device.Read(out RtcTime time) == Errno.Ok ? TimeOf(time) : "").Line());
        context.AddSysFile($"{Folder}/since_epoch", to => to.Add(device.Read(out RtcTime time) == Errno.Ok ? time.Seconds : 0).Line());
        context.AddSysFile($"{Folder}/max_user_freq", static to => to.Add((long)RtcDevice.MostUserHertz).Line());
        context.AddSysFile($"{Folder}/hctosys", static to => to.Add("1\n"u8));
        context.AddSysFile($"{Folder}/wakealarm", to => WriteAlarm(device, to));
    }

    private static void WriteAlarm(RtcDevice device, TextBuilder to)
    {
        RtcState state = device.GetState();
        if ((state.Enabled & RtcInterrupts.Alarm) != 0 && state.Alarm >= 0)
        {
            to.Add(state.Alarm).Line();
        }
    }

    private static string DateOf(RtcTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.Year:D4}-{time.Month:D2}-{time.Day:D2}");

    private static string TimeOf(RtcTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.Hour:D2}:{time.Minute:D2}:{time.Second:D2}");

    private static string YesOrNo(bool value) => value ? "yes" : "no";

    private static void Write(RtcDevice device, TextBuilder to)
    {
        RtcState state = device.GetState();
        if (device.Read(out RtcTime time) == Errno.Ok)
        {
            to.Add($"rtc_time\t: {TimeOf(time)}\nrtc_date\t: {DateOf(time)}\n");
        }

        if (state.Alarm >= 0)
        {
            RtcTime alarm = RtcTime.FromSeconds(state.Alarm);
            to.Add($"alrm_time\t: {TimeOf(alarm)}\nalrm_date\t: {DateOf(alarm)}\n");
        }

        to.Add($"alarm_IRQ\t: {YesOrNo((state.Enabled & RtcInterrupts.Alarm) != 0)}\nalrm_pending\t: no\n");
        to.Add($"update IRQ enabled\t: {YesOrNo((state.Enabled & RtcInterrupts.Update) != 0)}\n");
        to.Add($"periodic IRQ enabled\t: {YesOrNo((state.Enabled & RtcInterrupts.Periodic) != 0)}\n");
        to.Add(string.Create(CultureInfo.InvariantCulture, $"periodic IRQ frequency\t: {state.Hertz}\nmax user IRQ frequency\t: {RtcDevice.MostUserHertz}\n"));
        to.Add($"24hr\t\t: {YesOrNo(state.Is24Hour)}\nBCD\t\t: {YesOrNo(!state.IsBinary)}\nDST_enable\t: no\nbatt_status\t: {(state.BatteryIsGood ? "okay" : "dead")}\n");
    }
}
