using CosmosKernel.Abi;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Syscalls.Time;

/// <summary>The time zone that settimeofday(2) sets and gettimeofday(2) tells; nothing in the kernel uses it.</summary>
internal static class SystemTimezone
{
    /// <summary>The zone. Both numbers are in one word, so that a reader never sees one of each.</summary>
    public static Timezone Value
    {
        get => UserClockPage.TimezoneWord is var both ? new Timezone((int)both, (int)(both >> 32)) : default;
        set => UserClockPage.TimezoneWord = (uint)value.MinutesWest | ((ulong)(uint)value.DaylightSaving << 32);
    }
}
