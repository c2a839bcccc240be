namespace CosmosKernel.Drivers.Hpet;

/// <summary>A counter of 32 bits and the value of it that interrupts.</summary>
internal interface IHpetComparator
{
    /// <summary>The counter.</summary>
    uint Now { get; }

    /// <summary>Sets the value that interrupts: the next time that the counter has it.</summary>
    void Set(uint value);
}

/// <summary>The points in time of a timer that does not repeat by itself. Not synchronized; nothing allocates.</summary>
internal static class HpetRaster
{
    // Each try doubles the margin, so that the last one is half of the counter's range ahead.
    private const int MostTries = 31;

    /// <summary>
    /// Sets the next point that has not passed. The counter may pass it while it is written, and would have it again only when its 32 bits have gone round: then a later one is set.
    /// </summary>
    /// <param name="comparator">Of the timer.</param>
    /// <param name="target">The point that has passed; after it the one that was set. Those in between are left out.</param>
    /// <param name="period">Ticks from one point to the next, 1 and up.</param>
    /// <param name="margin">Ticks that a point must be ahead for the write to be in time, as far as is known; grows when that was too few. 0 at first.</param>
    /// <typeparam name="T">Kind of comparator.</typeparam>
    public static void Arm<T>(T comparator, ref uint target, uint period, ref uint margin)
        where T : struct, IHpetComparator
    {
        uint now = comparator.Now;
        for (int i = 0; i < MostTries; i++)
        {
            target += (((now + margin - target) / period) + 1) * period;
            comparator.Set(target);
            uint after = comparator.Now;
            if ((int)(target - after) > 0)
            {
                return;
            }

            // What this write took, at least; a tick where the counter is slower than a write.
            margin = System.Math.Max(margin * 2, System.Math.Max(after - now, 1));
            now = after;
        }
    }
}
