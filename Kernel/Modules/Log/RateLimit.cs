using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Modules.Log;

/// <summary>
/// Lets so many messages through in a span of time and counts the others, as Linux's <c>___ratelimit</c> does (lib/ratelimit.c): a span begins with the first message after the last one was over. Any context.
/// </summary>
public sealed class RateLimit
{
    /// <summary>Linux's span, <c>printk_ratelimit</c>: 5 s.</summary>
    public const ulong DefaultInterval = 5_000_000_000;

    /// <summary>Linux's number of messages, <c>printk_ratelimit_burst</c>.</summary>
    public const int DefaultBurst = 10;

    private readonly ulong _interval;
    private readonly int _burst;

    // 1: somebody looks at the other fields. Who finds it so is suppressed: that many messages are too many.
    [Atomic]
    private int _isTaken;

    [Protocol("Touched by who set _isTaken.")]
    private ulong _begin;

    [Protocol("Touched by who set _isTaken.")]
    private int _passed;

    [Atomic]
    private int _missed;

    /// <summary>Makes one.</summary>
    /// <param name="interval">Nanoseconds; 0 lets everything through.</param>
    /// <param name="burst">Messages in it, 1 and up.</param>
    public RateLimit(ulong interval = DefaultInterval, int burst = DefaultBurst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _interval = interval;
        _burst = burst;
    }

    /// <summary>Messages that were not let through, since the last that was told of.</summary>
    public int Missed => Volatile.Read(ref _missed);

    /// <summary>Asks for one message.</summary>
    /// <param name="suppressed">When a span is over in which messages were not let through: how many, to be told before this one; otherwise 0.</param>
    /// <returns>False: not this one.</returns>
    [NoAllocation]
    public bool TryTake(out int suppressed) => TryTake(Clock.MonotonicNanoseconds, out suppressed);

    /// <summary>As the other one, with the time.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    /// <param name="suppressed">As there.</param>
    [NoAllocation]
    public bool TryTake(ulong now, out int suppressed)
    {
        suppressed = 0;
        if (_interval == 0)
        {
            return true;
        }

        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            Interlocked.Increment(ref _missed);
            return false;
        }

        if (_begin == 0 || now - _begin > _interval)
        {
            suppressed = Interlocked.Exchange(ref _missed, 0);
            _begin = Math.Max(now, 1);
            _passed = 0;
        }

        bool passes = _passed < _burst;
        if (passes)
        {
            _passed++;
        }
        else
        {
            Interlocked.Increment(ref _missed);
        }

        Volatile.Write(ref _isTaken, 0);
        return passes;
    }
}
