using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Signals;

/// <summary>kill(2).</summary>
[SystemCall(62, "kill", Support.All)]
internal sealed class Kill : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)SignalRequests.Kill(thread, (int)registers.Rdi, (int)registers.Rsi);
}

/// <summary>tkill(2).</summary>
[SystemCall(200, "tkill", Support.All)]
internal sealed class Tkill : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int tid = (int)registers.Rdi;
        return tid <= 0 ? -(long)Errno.EINVAL : -(long)SignalRequests.ToThread(thread, 0, tid, SignalRequests.Describe(thread, (int)registers.Rsi, SignalCode.SI_TKILL));
    }
}

/// <summary>tgkill(2).</summary>
[SystemCall(234, "tgkill", Support.All)]
internal sealed class Tgkill : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int tgid = (int)registers.Rdi;
        int tid = (int)registers.Rsi;
        return tgid <= 0 || tid <= 0
            ? -(long)Errno.EINVAL
            : -(long)SignalRequests.ToThread(thread, tgid, tid, SignalRequests.Describe(thread, (int)registers.Rdx, SignalCode.SI_TKILL));
    }
}

/// <summary>rt_sigqueueinfo(2).</summary>
[SystemCall(129, "rt_sigqueueinfo", Support.All)]
internal sealed class RtSigqueueinfo : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = UserSignalInfo.TryRead(registers.Rdx, (int)registers.Rsi, out SignalInfo info);
        return error != Errno.Ok ? -(long)error : -(long)SignalRequests.Queue(thread, (int)registers.Rdi, info);
    }
}

/// <summary>rt_tgsigqueueinfo(2).</summary>
[SystemCall(297, "rt_tgsigqueueinfo", Support.All)]
internal sealed class RtTgsigqueueinfo : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int tgid = (int)registers.Rdi;
        int tid = (int)registers.Rsi;
        Errno error = UserSignalInfo.TryRead(registers.R10, (int)registers.Rdx, out SignalInfo info);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (tgid <= 0 || tid <= 0)
        {
            return -(long)Errno.EINVAL;
        }

        return SignalRequests.MayClaim(thread, tid, info) ? -(long)SignalRequests.ToThread(thread, tgid, tid, info) : -(long)Errno.EPERM;
    }
}
