using System;

namespace Cosmos.HAL;

/// <summary>Date and time, UTC as the kernel keeps it. Any task.</summary>
public static class RTC
{
    /// <summary>0 to 59.</summary>
    public static byte Second => (byte)DateTime.UtcNow.Second;

    /// <summary>0 to 59.</summary>
    public static byte Minute => (byte)DateTime.UtcNow.Minute;

    /// <summary>0 to 23.</summary>
    public static byte Hour => (byte)DateTime.UtcNow.Hour;

    /// <summary>1 (Sunday) to 7, as the clock chip counts.</summary>
    public static byte DayOfTheWeek => (byte)((int)DateTime.UtcNow.DayOfWeek + 1);

    /// <summary>1 to 31.</summary>
    public static byte DayOfTheMonth => (byte)DateTime.UtcNow.Day;

    /// <summary>1 to 12.</summary>
    public static byte Month => (byte)DateTime.UtcNow.Month;

    /// <summary>Year in the century, 0 to 99.</summary>
    public static byte Year => (byte)(DateTime.UtcNow.Year % 100);

    /// <summary>First digits of the year, for example 20.</summary>
    public static byte Century => (byte)(DateTime.UtcNow.Year / 100);
}
