using System;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>The chip's three interrupts, as bits of its status registers B and C, which are those of read(2) on /dev/rtc, too (rtc(4)).</summary>
[Flags]
internal enum RtcInterrupts : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>RTC_UF: once a second, after the clock was updated.</summary>
    Update = 0x10,

    /// <summary>RTC_AF: when the time is that of the alarm.</summary>
    Alarm = 0x20,

    /// <summary>RTC_PF: at a steady rate.</summary>
    Periodic = 0x40,

    /// <summary>All three.</summary>
    All = Update | Alarm | Periodic,
}
