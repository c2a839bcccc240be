namespace CosmosKernel.Drivers.Rtc;

/// <summary>Requests of ioctl(2) on a clock (Linux, include/uapi/linux/rtc.h).</summary>
internal enum RtcRequest : uint
{
    /// <summary>Alarm interrupt on.</summary>
    RTC_AIE_ON = 0x7001,

    /// <summary>Alarm interrupt off.</summary>
    RTC_AIE_OFF = 0x7002,

    /// <summary>Update interrupt on.</summary>
    RTC_UIE_ON = 0x7003,

    /// <summary>Update interrupt off.</summary>
    RTC_UIE_OFF = 0x7004,

    /// <summary>Periodic interrupt on.</summary>
    RTC_PIE_ON = 0x7005,

    /// <summary>Periodic interrupt off.</summary>
    RTC_PIE_OFF = 0x7006,

    /// <summary>Sets the alarm's time of day.</summary>
    RTC_ALM_SET = 0x40247007,

    /// <summary>Reads the alarm's time.</summary>
    RTC_ALM_READ = 0x80247008,

    /// <summary>Reads the time.</summary>
    RTC_RD_TIME = 0x80247009,

    /// <summary>Sets the time.</summary>
    RTC_SET_TIME = 0x4024700A,

    /// <summary>Reads the periodic rate.</summary>
    RTC_IRQP_READ = 0x8008700B,

    /// <summary>Sets the periodic rate.</summary>
    RTC_IRQP_SET = 0x4008700C,

    /// <summary>Sets an alarm with its date.</summary>
    RTC_WKALM_SET = 0x4028700F,

    /// <summary>Reads an alarm with its date.</summary>
    RTC_WKALM_RD = 0x80287010,

    /// <summary>Whether the battery failed.</summary>
    RTC_VL_READ = 0x80047013,
}
