namespace CosmosKernel.Modules.Network;

/// <summary>For whom a frame is; the numbers are those of packet(7).</summary>
public enum PacketKind : byte
{
    /// <summary>For the device's own address.</summary>
    ToThisHost = 0,

    /// <summary>For everybody.</summary>
    Broadcast = 1,

    /// <summary>For a group.</summary>
    Multicast = 2,

    /// <summary>For somebody else: seen by a device that takes all frames.</summary>
    ToOther = 3,

    /// <summary>It is being sent.</summary>
    Outgoing = 4,
}

/// <summary>What is known of the checksums in a frame.</summary>
public enum PacketChecksum : byte
{
    /// <summary>Nothing: whoever needs it computes it.</summary>
    Unknown,

    /// <summary>The device, or the way, has verified it.</summary>
    Verified,
}
