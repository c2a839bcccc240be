namespace CosmosKernel.Drivers.Mouse;

/// <summary>What a PS/2 mouse sends; the values are the device's own identification (command F2).</summary>
internal enum MouseProtocol : byte
{
    /// <summary>Two axes, three buttons, three bytes.</summary>
    Standard = 0,

    /// <summary>IntelliMouse: a wheel in a fourth byte.</summary>
    Wheel = 3,

    /// <summary>IntelliMouse Explorer: a wheel and two more buttons in the fourth byte.</summary>
    FiveButtons = 4,
}
