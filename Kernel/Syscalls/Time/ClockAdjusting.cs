using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Time;

/// <summary>adjtimex(2).</summary>
[SystemCall(159, "adjtimex", Support.Some, "The clock's rate is not adjusted: ADJ_OFFSET, ADJ_FREQUENCY, ADJ_TICK and ADJ_OFFSET_SINGLESHOT with values that would change it, and ADJ_TAI, give EOPNOTSUPP.")]
internal sealed class AdjustTime : SystemCall
{
    private const long LeastTick = 9_000;
    private const long GreatestTick = 11_000;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Adjust(new UserPointer<Timex>(registers.Rdi));

    /// <summary>Reads and changes the state of the clock's discipline.</summary>
    [MightSleep]
    public static long Adjust(UserPointer<Timex> pointer)
    {
        if (!pointer.TryRead(out Timex state))
        {
            return -(long)Errno.EFAULT;
        }

        Errno error = Check(state, Credentials.Current.Has(Capability.SysTime));
        error = error == Errno.Ok ? ClockDiscipline.Adjust(ref state) : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return pointer.TryWrite(state) ? ClockDiscipline.IsError(state.Status) ? Timex.TimeError : Timex.TimeOk : -(long)Errno.EFAULT;
    }

    // In the order in which Linux looks.
    private static Errno Check(in Timex state, bool mayChange)
    {
        uint modes = state.Modes;
        if ((modes & Timex.ModeAdjust) != 0)
        {
            if ((modes & Timex.ModeOffset) == 0)
            {
                return Errno.EINVAL;
            }

            if ((modes & Timex.ModeNano) == 0 && !mayChange)
            {
                return Errno.EPERM;
            }
        }
        else
        {
            if (modes != 0 && !mayChange)
            {
                return Errno.EPERM;
            }

            if ((modes & Timex.ModeTick) != 0 && state.Tick is < LeastTick or > GreatestTick)
            {
                return Errno.EINVAL;
            }
        }

        if ((modes & Timex.ModeSetOffset) == 0)
        {
            return Errno.Ok;
        }

        if (!mayChange)
        {
            return Errno.EPERM;
        }

        long parts = (modes & Timex.ModeNano) != 0 ? Timespec.PerSecond : Timespec.PerSecond / 1000;
        return state.Time.Microseconds < 0 || state.Time.Microseconds >= parts ? Errno.EINVAL : Errno.Ok;
    }
}

/// <summary>clock_adjtime(2).</summary>
[SystemCall(305, "clock_adjtime", Support.Some, "The clock's rate is not adjusted: ADJ_OFFSET, ADJ_FREQUENCY, ADJ_TICK and ADJ_OFFSET_SINGLESHOT with values that would change it, and ADJ_TAI, give EOPNOTSUPP.")]
internal sealed class ClockAdjustTime : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int clock = (int)registers.Rdi;
        if ((ClockId)clock != ClockId.Realtime)
        {
            return -(long)(SystemClocks.TryRead(clock, thread, out _) == Errno.Ok ? Errno.EOPNOTSUPP : Errno.EINVAL);
        }

        return AdjustTime.Adjust(new UserPointer<Timex>(registers.Rsi));
    }
}
