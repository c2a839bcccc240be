namespace CosmosKernel.Machine.Time;

/// <summary>
/// Converts counts of one rate to counts of another: a multiplication by a fixed-point number with 32 bits before and 32 bits after the point.
/// The result is exact for that number (rounded down) whatever the count, with no intermediate overflow, and costs three multiplications.
/// Only a result above 2^64 - 1 wraps: for nanoseconds, 584 years. May be called in any context.
/// </summary>
internal readonly struct TickScale
{
    private readonly ulong _whole;
    private readonly ulong _fraction;

    private TickScale(ulong whole, ulong fraction)
    {
        _whole = whole;
        _fraction = fraction;
    }

    /// <summary>
    /// The scale from <paramref name="fromRate"/> to <paramref name="toRate"/>, both in the same unit (Hz), neither 0 and both below 2^63. The
    /// factor is rounded to the nearest 2^-32, which for 3 GHz to nanoseconds is an error below 4 in 10^10.
    /// </summary>
    internal static TickScale Between(ulong fromRate, ulong toRate)
    {
        ulong whole = toRate / fromRate;
        ulong remainder = toRate % fromRate;
        ulong fraction = 0;
        for (int bit = 0; bit < 33; bit++)
        {
            // Long division, one binary digit a turn, so that the numerator need not be shifted beyond 64 bits. The 33rd digit rounds.
            remainder <<= 1;
            fraction <<= 1;
            if (remainder >= fromRate)
            {
                remainder -= fromRate;
                fraction |= 1;
            }
        }

        fraction = (fraction + 1) >> 1;
        return new TickScale(whole + (fraction >> 32), fraction & 0xFFFF_FFFF);
    }

    /// <summary>The factor times 2^32; 0 when it is 2^32 or more, which has no such number.</summary>
    internal ulong FixedPoint => _whole >> 32 == 0 ? (_whole << 32) | _fraction : 0;

    /// <summary><paramref name="ticks"/> times the factor, rounded down.</summary>
    internal ulong Convert(ulong ticks)
    {
        ulong high = ticks >> 32;
        ulong low = (uint)ticks;
        return (ticks * _whole) + (high * _fraction) + ((low * _fraction) >> 32);
    }
}
