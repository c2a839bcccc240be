using System;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Watchdogs;

/// <summary>The first line of a lockup's report, and whether a lockup is a panic.</summary>
internal static class LockupReport
{
    private const ulong Second = 1_000_000_000;

    /// <summary>A soft lockup is a panic. Set at boot.</summary>
    [Immutable]
    public static bool SoftIsPanic { get; [BeforePublication] set; }

    /// <summary>A hard lockup is a panic. Set at boot.</summary>
    [Immutable]
    public static bool HardIsPanic { get; [BeforePublication] set; }

    /// <summary>Writes the line. Any context.</summary>
    [NoAllocation]
    public static void Begin(ReadOnlySpan<byte> what, int cpu, ulong nanoseconds)
    {
        EarlyConsole.Write(what);
        EarlyConsole.WriteDecimal((ulong)cpu);
        EarlyConsole.Write(" stuck for "u8);
        EarlyConsole.WriteDecimal(nanoseconds / Second);
        EarlyConsole.WriteLine("s!"u8);
    }
}
