using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>How long a call waits at most.</summary>
internal readonly struct CallTimeout
{
    private const int NanosecondsPerMillisecond = 1_000_000;

    private CallTimeout(long? end, bool mayWait)
    {
        End = end;
        MayWait = mayWait;
    }

    /// <summary>The moment of monotonic time; null: never.</summary>
    public long? End { get; }

    /// <summary>False: the call only looks.</summary>
    public bool MayWait { get; }

    /// <summary>What is left, in nanoseconds.</summary>
    public long Left => End is { } end && end - (long)Clock.MonotonicNanoseconds is > 0 and var left ? left : 0;

    /// <summary>Milliseconds; a negative number waits for ever.</summary>
    public static CallTimeout FromMilliseconds(int milliseconds) => milliseconds switch
    {
        < 0 => new CallTimeout(null, true),
        0 => new CallTimeout(0, false),
        _ => new CallTimeout(WaitClock.After((long)milliseconds * NanosecondsPerMillisecond), true),
    };

    /// <summary>A valid length of time.</summary>
    public static CallTimeout From(Timespec time) => time.IsZero ? new CallTimeout(0, false) : new CallTimeout(WaitClock.After(time.ToNanoseconds()), true);

    /// <summary>Waits for ever.</summary>
    public static CallTimeout Never => new(null, true);

    /// <summary>Reads a timespec.</summary>
    /// <param name="address">Where it is; 0: wait for ever.</param>
    /// <param name="timeout">The timeout.</param>
    /// <returns>Ok; EFAULT; EINVAL.</returns>
    [MightSleep]
    public static Errno TryRead([UserAddress] ulong address, out CallTimeout timeout)
    {
        timeout = Never;
        if (address == 0)
        {
            return Errno.Ok;
        }

        if (!new UserPointer<Timespec>(address).TryRead(out Timespec time))
        {
            return Errno.EFAULT;
        }

        if (!time.IsValid)
        {
            return Errno.EINVAL;
        }

        timeout = From(time);
        return Errno.Ok;
    }

    /// <summary>Says how much is left; a call that cannot be told what is left must not begin anew.</summary>
    /// <param name="address">Where; 0: nowhere.</param>
    /// <param name="isTimeval">It is a timeval, else a timespec.</param>
    /// <param name="result">What the call gives.</param>
    /// <returns>What it gives then.</returns>
    [MightSleep]
    public long WriteLeft([UserAddress] ulong address, bool isTimeval, long result)
    {
        if (address == 0)
        {
            return result;
        }

        long left = Left;
        bool written = isTimeval
            ? new UserPointer<Timeval>(address).TryWrite(Timeval.FromNanoseconds(left))
            : new UserPointer<Timespec>(address).TryWrite(Timespec.FromNanoseconds(left));
        return !written && result == -(long)Errno.ERESTARTNOHAND ? -(long)Errno.EINTR : result;
    }
}
