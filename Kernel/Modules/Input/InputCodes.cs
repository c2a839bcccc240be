namespace CosmosKernel.Modules.Input;

/// <summary>Codes of input events other than keys, with Linux's numbers (include/uapi/linux/input-event-codes.h).</summary>
public static class InputCodes
{
    /// <summary>SYN_REPORT: the packet is complete.</summary>
    public const ushort Report = 0;

    /// <summary>SYN_DROPPED: the reader was too slow, and packets are lost up to the next <see cref="Report"/>.</summary>
    public const ushort Dropped = 3;

    /// <summary>REL_X: to the right.</summary>
    public const ushort RelativeX = 0x00;

    /// <summary>REL_Y: down.</summary>
    public const ushort RelativeY = 0x01;

    /// <summary>REL_HWHEEL: steps of the wheel to the right.</summary>
    public const ushort HorizontalWheel = 0x06;

    /// <summary>REL_WHEEL: steps of the wheel, up positive.</summary>
    public const ushort Wheel = 0x08;

    /// <summary>REL_WHEEL_HI_RES: the wheel in 120ths of a step.</summary>
    public const ushort FineWheel = 0x0B;

    /// <summary>REL_HWHEEL_HI_RES: the horizontal wheel in 120ths of a step.</summary>
    public const ushort FineHorizontalWheel = 0x0C;

    /// <summary>ABS_X.</summary>
    public const ushort AbsoluteX = 0x00;

    /// <summary>ABS_Y.</summary>
    public const ushort AbsoluteY = 0x01;

    /// <summary>MSC_SCAN: the device's own code of the key of this packet.</summary>
    public const ushort ScanCode = 0x04;

    /// <summary>LED_NUML.</summary>
    public const ushort NumLight = 0x00;

    /// <summary>LED_CAPSL.</summary>
    public const ushort CapsLight = 0x01;

    /// <summary>LED_SCROLLL.</summary>
    public const ushort ScrollLight = 0x02;

    /// <summary>SND_CLICK.</summary>
    public const ushort Click = 0x00;

    /// <summary>SND_BELL: a tone of 1,000 Hz while the value is not 0.</summary>
    public const ushort Bell = 0x01;

    /// <summary>SND_TONE: a tone of so many hertz; 0 for silence.</summary>
    public const ushort Tone = 0x02;

    /// <summary>REP_DELAY: milliseconds until a held key repeats first.</summary>
    public const ushort RepeatDelay = 0x00;

    /// <summary>REP_PERIOD: milliseconds between two repetitions.</summary>
    public const ushort RepeatPeriod = 0x01;
}
