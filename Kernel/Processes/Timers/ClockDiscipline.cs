using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes;

/// <summary>
/// What a time daemon has told of the clock (adjtimex(2), ntp_adjtime(3)): errors, status and time constant are kept and shown; the time can be stepped. The rate of the clock is not adjusted: what would do so is refused,
/// so that a daemon steps instead.
/// </summary>
public static class ClockDiscipline
{
    private const long TickMicroseconds = 10_000;
    private const long LargestError = 16_000_000;

    // The largest error grows by so many microseconds a second: 500 parts a million.
    private const long ErrorGrowth = 500;
    private const long Tolerance = 32_768_000;
    private const long MostConstant = 10;
    private const long MicroConstantStep = 4;

    private static readonly Mutex s_lock = new("clock discipline");

    [GuardedBy(nameof(s_lock))]
    private static long s_maximumError = LargestError;

    // When it was set, in seconds of monotonic time.
    [GuardedBy(nameof(s_lock))]
    private static long s_errorSince;

    [GuardedBy(nameof(s_lock))]
    private static long s_estimatedError = LargestError;

    [GuardedBy(nameof(s_lock))]
    private static int s_status = Timex.StatusUnsynchronized;

    [GuardedBy(nameof(s_lock))]
    private static long s_constant = 2;

    /// <summary>The status means that the clock cannot be trusted: adjtimex(2) returns TIME_ERROR.</summary>
    public static bool IsError(int status) => (status & (Timex.StatusUnsynchronized | Timex.StatusClockError)) != 0;

    /// <summary>Changes what the modes say, and tells the state. Rights and ranges have been checked. Task context.</summary>
    /// <param name="state">What is to be changed; the state after it.</param>
    /// <returns>EOPNOTSUPP: the rate would change. EINVAL: the time would be before the kernel's start.</returns>
    [MightSleep]
    public static Errno Adjust(ref Timex state)
    {
        uint modes = state.Modes;
        bool isAdjust = (modes & Timex.ModeAdjust) != 0;
        if (ChangesRate(state))
        {
            return Errno.EOPNOTSUPP;
        }

        using (s_lock.Enter())
        {
            if (!isAdjust || (modes & Timex.ModeSetOffset) != 0)
            {
                Errno error = Step(state);
                if (error != Errno.Ok)
                {
                    return error;
                }
            }

            if (!isAdjust)
            {
                Change(state);
            }

            Describe(ref state);
            return Errno.Ok;
        }
    }

    private static bool ChangesRate(in Timex state)
    {
        uint modes = state.Modes;
        if ((modes & Timex.ModeAdjust) != 0)
        {
            return (modes & Timex.ModeNano) == 0 && state.Offset != 0;
        }

        return (modes & Timex.ModeTai) != 0
            || ((modes & Timex.ModeOffset) != 0 && state.Offset != 0)
            || ((modes & Timex.ModeFrequency) != 0 && state.Frequency != 0)
            || ((modes & Timex.ModeTick) != 0 && state.Tick != TickMicroseconds);
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static Errno Step(in Timex state)
    {
        if ((state.Modes & Timex.ModeSetOffset) == 0)
        {
            return Errno.Ok;
        }

        const long MostSeconds = long.MaxValue / Timespec.PerSecond / 2;
        if (state.Time.Seconds is > MostSeconds or < -MostSeconds)
        {
            return Errno.EINVAL;
        }

        long part = (state.Modes & Timex.ModeNano) != 0 ? state.Time.Microseconds : state.Time.Microseconds * 1000;

        // A sum that is too large is negative.
        long wanted = unchecked(Clock.RealtimeNanoseconds + (state.Time.Seconds * Timespec.PerSecond) + part);
        if (wanted < (long)Clock.MonotonicNanoseconds)
        {
            return Errno.EINVAL;
        }

        RealtimeClock.Set(wanted);
        return Errno.Ok;
    }

    [RequiresLock(nameof(s_lock))]
    private static void Change(in Timex state)
    {
        uint modes = state.Modes;
        AgeError();
        if ((modes & Timex.ModeStatus) != 0)
        {
            if ((s_status & Timex.StatusLoop) != 0 && (state.Status & Timex.StatusLoop) == 0)
            {
                s_status = Timex.StatusUnsynchronized | (s_status & Timex.StatusNano);
            }

            s_status = (s_status & Timex.StatusReadOnly) | (state.Status & ~Timex.StatusReadOnly);
        }

        if ((modes & Timex.ModeNano) != 0)
        {
            s_status |= Timex.StatusNano;
        }

        if ((modes & Timex.ModeMicro) != 0)
        {
            s_status &= ~Timex.StatusNano;
        }

        if ((modes & Timex.ModeMaximumError) != 0)
        {
            s_maximumError = Math.Clamp(state.MaximumError, 0, LargestError);
            s_errorSince = NowSeconds;
        }

        if ((modes & Timex.ModeEstimatedError) != 0)
        {
            s_estimatedError = Math.Clamp(state.EstimatedError, 0, LargestError);
        }

        if ((modes & Timex.ModeTimeConstant) != 0)
        {
            long constant = Math.Clamp(state.Constant, 0, MostConstant);
            s_constant = Math.Min((s_status & Timex.StatusNano) == 0 ? constant + MicroConstantStep : constant, MostConstant);
        }
    }

    // Nobody has confirmed the time since: the error may be larger by now, and at its limit the clock is not synchronized any more.
    [RequiresLock(nameof(s_lock))]
    private static void AgeError()
    {
        long now = NowSeconds;
        s_maximumError += (now - s_errorSince) * ErrorGrowth;
        s_errorSince = now;
        if (s_maximumError > LargestError)
        {
            s_maximumError = LargestError;
            s_status |= Timex.StatusUnsynchronized;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Describe(ref Timex state)
    {
        AgeError();
        long now = Clock.RealtimeNanoseconds;
        long part = now % Timespec.PerSecond;
        state = new Timex
        {
            Modes = state.Modes,
            MaximumError = s_maximumError,
            EstimatedError = s_estimatedError,
            Status = s_status,
            Constant = s_constant,
            Precision = 1,
            Tolerance = Tolerance,
            Time = new Timeval(now / Timespec.PerSecond, (s_status & Timex.StatusNano) != 0 ? part : part / 1000),
            Tick = TickMicroseconds,
        };
    }

    private static long NowSeconds => (long)(Clock.MonotonicNanoseconds / (ulong)Timespec.PerSecond);
}
