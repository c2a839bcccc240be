using System;

namespace Cosmos.System;

/// <summary>Buttons of a mouse that are down.</summary>
[Flags]
public enum MouseState
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The left one.</summary>
    Left = 1,

    /// <summary>The right one.</summary>
    Right = 2,

    /// <summary>The middle one, or the wheel.</summary>
    Middle = 4,

    /// <summary>The first one at the side.</summary>
    FourthButton = 8,

    /// <summary>The second one at the side.</summary>
    FifthButton = 16,
}
