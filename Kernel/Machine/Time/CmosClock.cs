using CosmosKernel.Machine.Devices;

namespace CosmosKernel.Machine.Time;

/// <summary>The battery-backed CMOS clock, taken as UTC. Any context but NMI; a reading may wait 2 ms for an update of the clock to end.</summary>
internal static class CmosClock
{
    private const byte Seconds = 0x00;
    private const byte Minutes = 0x02;
    private const byte Hours = 0x04;
    private const byte Day = 0x07;
    private const byte Month = 0x08;
    private const byte Year = 0x09;
    private const byte StatusA = 0x0A;
    private const byte StatusB = 0x0B;
    private const byte UpdateInProgress = 0x80;
    private const int UpdateSpins = 100_000;
    private const int Attempts = 10;

    /// <summary>
    /// Reads the clock, in seconds since 1970-01-01 00:00:00 UTC. <paramref name="centuryIndex"/> is the FADT's, 0 when it has none. False
    /// when the clock gives no two equal readings (there is none, or it is broken) or holds an impossible date.
    /// </summary>
    internal static bool TryRead(byte centuryIndex, out long seconds)
    {
        seconds = 0;
        CmosTime previous = default;
        for (int i = 0; i < Attempts; i++)
        {
            if (!WaitForUpdate())
            {
                return false;
            }

            CmosTime time = ReadOnce(centuryIndex);
            if (i > 0 && time.Same(previous))
            {
                return time.TryToUnixSeconds(out seconds);
            }

            previous = time;
        }

        return false;
    }

    private static bool WaitForUpdate()
    {
        for (int i = 0; i < UpdateSpins; i++)
        {
            if ((Register(StatusA) & UpdateInProgress) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static CmosTime ReadOnce(byte centuryIndex)
    {
        return new CmosTime
        {
            Second = Register(Seconds),
            Minute = Register(Minutes),
            Hour = Register(Hours),
            Day = Register(Day),
            Month = Register(Month),
            Year = Register(Year),
            Century = centuryIndex is > StatusB and < 0x80 ? Register(centuryIndex) : (byte)0,
            StatusB = Register(StatusB),
        };
    }

    private static byte Register(byte index) => CmosMemory.Read(index);
}
