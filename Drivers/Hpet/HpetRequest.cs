namespace CosmosKernel.Drivers.Hpet;

/// <summary>Requests of ioctl(2) on an event timer (Linux, include/uapi/linux/hpet.h).</summary>
internal enum HpetRequest : uint
{
    /// <summary>Interrupts on: EIO before a rate was set, and where the timer has no line; EBUSY when they are on.</summary>
    HPET_IE_ON = 0x6801,

    /// <summary>Interrupts off.</summary>
    HPET_IE_OFF = 0x6802,

    /// <summary>Reads struct hpet_info.</summary>
    HPET_INFO = 0x80186803,

    /// <summary>The hardware repeats by itself: ENXIO where it cannot.</summary>
    HPET_EPI = 0x6804,

    /// <summary>The driver sets each interrupt after the one before.</summary>
    HPET_DPI = 0x6805,

    /// <summary>Sets the rate in hertz.</summary>
    HPET_IRQFREQ = 0x40086806,
}
