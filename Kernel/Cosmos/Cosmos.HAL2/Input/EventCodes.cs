namespace Cosmos.HAL.Input;

/// <summary>Codes of input events that are used here (Linux, include/uapi/linux/input-event-codes.h).</summary>
internal static class EventCodes
{
    /// <summary>The key Enter.</summary>
    public const ushort KeyEnter = 28;

    /// <summary>The key A.</summary>
    public const ushort KeyA = 30;

    /// <summary>First of the mouse's buttons: left, right, middle, side, extra.</summary>
    public const ushort ButtonLeft = 0x110;

    /// <summary>Movement to the right.</summary>
    public const ushort RelativeX = 0;

    /// <summary>Movement down.</summary>
    public const ushort RelativeY = 1;

    /// <summary>Steps of the wheel, away from the user above zero.</summary>
    public const ushort RelativeWheel = 8;

    /// <summary>Lights: Num Lock, Caps Lock, Scroll Lock.</summary>
    public const ushort LightNumLock = 0;

    /// <summary>The light of Caps Lock.</summary>
    public const ushort LightCapsLock = 1;

    /// <summary>The light of Scroll Lock.</summary>
    public const ushort LightScrollLock = 2;
}
