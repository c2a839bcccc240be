using System;
using System.Globalization;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Text;

/// <summary>Figures with units, as people read them.</summary>
public static class Units
{
    [Immutable]
    private static readonly string[] s_binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes in the largest binary unit that leaves a number of at least 1: <c>512 B</c>, <c>1.5 MiB</c>.</summary>
    public static string Bytes(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < s_binary.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        // 1023.96 KiB would be written 1024.0 KiB.
        if (unit > 0 && Math.Round(value, 1) >= 1024 && unit < s_binary.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? $"{bytes} B" : value.ToString("0.0", CultureInfo.InvariantCulture) + " " + s_binary[unit];
    }

    /// <summary>A span of time with three digits: <c>950 ns</c>, <c>12.3 us</c>, <c>4.56 ms</c>, <c>7.89 s</c>, <c>1:02:03</c>.</summary>
    public static string Duration(ulong nanoseconds) => nanoseconds switch
    {
        < 1_000 => $"{nanoseconds} ns",
        < 1_000_000 => ThreeDigits(nanoseconds / 1e3) + " us",
        < 1_000_000_000 => ThreeDigits(nanoseconds / 1e6) + " ms",
        < 60_000_000_000 => ThreeDigits(nanoseconds / 1e9) + " s",
        _ => Clock(nanoseconds),
    };

    /// <summary>Hours, minutes and seconds: <c>0:01:02</c>, days before them when there are any.</summary>
    public static string Clock(ulong nanoseconds)
    {
        ulong seconds = nanoseconds / 1_000_000_000;
        string time = $"{seconds / 3600 % 24}:{seconds / 60 % 60:d2}:{seconds % 60:d2}";
        return seconds >= 86_400 ? $"{seconds / 86_400} d {time}" : time;
    }

    /// <summary>Seconds with milliseconds: <c>12.345</c>.</summary>
    public static string Seconds(ulong nanoseconds) => $"{nanoseconds / 1_000_000_000}.{nanoseconds / 1_000_000 % 1000:d3}";

    /// <summary>A part of a whole in percent: <c>12.3</c>; 0.0 when the whole is 0.</summary>
    public static string Percent(double part, double whole) =>
        (whole > 0 ? Math.Clamp(part / whole, 0, 1) * 100 : 0).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun in the right number: <c>1 task</c>, <c>2 tasks</c>.</summary>
    public static string Count(long count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static string ThreeDigits(double value)
    {
        string format = value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "0";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
