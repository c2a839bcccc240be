namespace CosmosKernel.Modules.Input;

/// <summary>Kinds of input events, with Linux's numbers (include/uapi/linux/input-event-codes.h), and how many codes each has.</summary>
public static class InputEventType
{
    /// <summary>EV_SYN: ends a packet, or says that some were lost.</summary>
    public const ushort Synchronization = 0x00;

    /// <summary>EV_KEY: keys and buttons.</summary>
    public const ushort Key = 0x01;

    /// <summary>EV_REL: relative axes.</summary>
    public const ushort Relative = 0x02;

    /// <summary>EV_ABS: absolute axes.</summary>
    public const ushort Absolute = 0x03;

    /// <summary>EV_MSC: what fits no other kind, such as scan codes.</summary>
    public const ushort Miscellaneous = 0x04;

    /// <summary>EV_SW: switches with two positions.</summary>
    public const ushort Switch = 0x05;

    /// <summary>EV_LED: lights of the device.</summary>
    public const ushort Light = 0x11;

    /// <summary>EV_SND: simple sounds that the device makes.</summary>
    public const ushort Sound = 0x12;

    /// <summary>EV_REP: how keys repeat.</summary>
    public const ushort Repeat = 0x14;

    /// <summary>Number of kinds.</summary>
    public const int Count = 0x20;

    /// <summary>Number of codes that a kind can have; 0 for a kind without codes. Any context.</summary>
    /// <param name="type">The kind.</param>
    public static int CodesOf(int type) => type switch
    {
        Synchronization => Count,
        Key => 0x300,
        Relative => 0x10,
        Absolute => 0x40,
        Miscellaneous => 0x08,
        Switch => 0x11,
        Light => 0x10,
        Sound => 0x08,
        Repeat => 0x02,
        _ => 0,
    };
}
