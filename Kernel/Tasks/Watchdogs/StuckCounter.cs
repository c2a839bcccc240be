using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Watchdogs;

/// <summary>
/// Decides whether something that should go on is stuck, by looks at it in regular intervals. What counts is how often it was found unchanged, and not only the time: when the host has stopped the whole machine
/// for a minute, nothing is stuck, though the clock says so. Not synchronized. Any context.
/// </summary>
[Owned]
internal struct StuckCounter
{
    private ulong _since;
    private int _looks;
    private bool _isReported;

    /// <summary>Begins at a time.</summary>
    public StuckCounter(ulong now) => _since = now;

    /// <summary>Looks at it once more.</summary>
    /// <param name="hasGoneOn">It has, since the last look.</param>
    /// <param name="now">The time, in nanoseconds.</param>
    /// <param name="looks">So many looks in a row without a change are needed,</param>
    /// <param name="nanoseconds">and so much time.</param>
    /// <param name="stuck">For how long it has not gone on, in nanoseconds.</param>
    /// <returns>It is stuck, and this was not said before.</returns>
    [NoAllocation]
    public bool Look(bool hasGoneOn, ulong now, int looks, ulong nanoseconds, out ulong stuck)
    {
        if (hasGoneOn)
        {
            this = new StuckCounter(now);
        }
        else if (_looks < looks)
        {
            _looks++;
        }

        stuck = now > _since ? now - _since : 0;
        if (_isReported || _looks < looks || stuck < nanoseconds)
        {
            return false;
        }

        _isReported = true;
        return true;
    }
}
