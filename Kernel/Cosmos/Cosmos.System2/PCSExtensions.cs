using System;

namespace Cosmos.System;

/// <summary>From the length of a wave to its frequency.</summary>
public static class PCSExtensions
{
    /// <summary>Hertz of a wave of so many milliseconds, 1 or more.</summary>
    public static uint MsToHz(this int ms)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ms);
        return (uint)(1000 / ms);
    }

    /// <summary>Hertz of a wave of so many milliseconds, 1 or more.</summary>
    public static uint MsToHz(this uint ms)
    {
        ArgumentOutOfRangeException.ThrowIfZero(ms);
        return 1000 / ms;
    }
}
