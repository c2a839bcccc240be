using System;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Devices;

/// <summary>
/// Log lines before there is a log: to the early console, in the log's format (<c>[seconds.microseconds] text</c>). One CPU at a time; no allocation.
/// </summary>
internal static class BootLog
{
    private const ulong NanosecondsPerMicrosecond = 1_000;
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const ulong TenMicroseconds = 10;
    private const ulong Second = 1_000_000;
    private const int SecondsWidth = 5;

    /// <summary>Writes a whole line.</summary>
    internal static void Line(ReadOnlySpan<byte> text)
    {
        Begin(text);
        EarlyConsole.Write("\n"u8);
    }

    /// <summary>Writes the time and the beginning of a line; the caller writes the rest to <see cref="EarlyConsole"/>.</summary>
    internal static void Begin(ReadOnlySpan<byte> text)
    {
        ulong now = Clock.MonotonicNanoseconds;
        ulong seconds = now / NanosecondsPerSecond;
        ulong microseconds = now % NanosecondsPerSecond / NanosecondsPerMicrosecond;
        EarlyConsole.Write("["u8);
        ulong smallest = 10;
        for (int i = 1; i < SecondsWidth; i++)
        {
            if (seconds < smallest)
            {
                EarlyConsole.Write(" "u8);
            }

            smallest *= 10;
        }

        EarlyConsole.WriteDecimal(seconds);
        EarlyConsole.Write("."u8);
        for (ulong place = Second / TenMicroseconds; place != 0; place /= 10)
        {
            EarlyConsole.WriteDecimal(microseconds / place % 10);
        }

        EarlyConsole.Write("] "u8);
        EarlyConsole.Write(text);
    }
}
