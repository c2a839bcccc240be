namespace CosmosKernel.Modules.Network;

/// <summary>What happened to a network device.</summary>
public enum NetworkEvent
{
    /// <summary>It is there, and down.</summary>
    Added,

    /// <summary>It is down, and will be gone.</summary>
    Removing,

    /// <summary>It is up.</summary>
    Up,

    /// <summary>It goes down: frames can still be sent.</summary>
    GoingDown,

    /// <summary>It is down.</summary>
    Down,

    /// <summary>The carrier came or went (<see cref="NetworkDevice.HasCarrier"/>).</summary>
    Carrier,

    /// <summary>It has another MTU.</summary>
    Mtu,

    /// <summary>It has another hardware address.</summary>
    Address,

    /// <summary>It has another name.</summary>
    Name,

    /// <summary>Its flags changed otherwise: what it takes.</summary>
    Flags,
}

/// <summary>Something happened to a network device.</summary>
/// <param name="Device">The device.</param>
/// <param name="Event">What happened.</param>
public readonly record struct NetworkChange(NetworkDevice Device, NetworkEvent Event);
