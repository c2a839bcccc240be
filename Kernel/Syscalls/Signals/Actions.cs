using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Signals;

/// <summary>rt_sigaction(2).</summary>
[SystemCall(13, "rt_sigaction", Support.All)]
internal sealed class RtSigaction : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int signal = (int)registers.Rdi;
        if (registers.R10 != SignalSet.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        KernelSignalAction action = default;
        bool sets = registers.Rsi != 0;
        if (sets && !new UserPointer<KernelSignalAction>(registers.Rsi).TryRead(out action))
        {
            return -(long)Errno.EFAULT;
        }

        Errno error = SignalControl.SetAction(thread.Process, signal, sets, action, out KernelSignalAction old);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return registers.Rdx == 0 || new UserPointer<KernelSignalAction>(registers.Rdx).TryWrite(old) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>rt_sigprocmask(2).</summary>
[SystemCall(14, "rt_sigprocmask", Support.All)]
internal sealed class RtSigprocmask : SystemCall
{
    private const int Block = 0;
    private const int Unblock = 1;
    private const int SetMask = 2;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.R10 != SignalSet.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        SignalSet old = thread.Blocked;
        if (registers.Rsi != 0)
        {
            if (!UserMemory.TryRead(registers.Rsi, out ulong bits))
            {
                return -(long)Errno.EFAULT;
            }

            SignalSet set = new(bits);
            switch ((int)registers.Rdi)
            {
                case Block:
                    SignalMasks.Set(thread, old | set);
                    break;
                case Unblock:
                    SignalMasks.Set(thread, old.Without(set));
                    break;
                case SetMask:
                    SignalMasks.Set(thread, set);
                    break;
                default:
                    return -(long)Errno.EINVAL;
            }
        }

        return registers.Rdx == 0 || UserMemory.TryWrite(registers.Rdx, old.Bits) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>rt_sigreturn(2): all registers come from the frame, RAX too.</summary>
[SystemCall(15, "rt_sigreturn", Support.All)]
internal sealed class RtSigreturn : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SignalControl.ReturnFromHandler(thread);
}

/// <summary>rt_sigpending(2).</summary>
[SystemCall(127, "rt_sigpending", Support.All)]
internal sealed class RtSigpending : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rsi > SignalSet.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        SignalSet pending = (thread.PendingSet | thread.Process.PendingSet) & thread.Blocked;
        System.Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, pending.Bits);
        return UserMemory.TryWrite(registers.Rdi, bytes[..(int)registers.Rsi]) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>sigaltstack(2).</summary>
[SystemCall(131, "sigaltstack", Support.All)]
internal sealed class Sigaltstack : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        SignalStack wanted = default;
        bool sets = registers.Rdi != 0;
        if (sets && !new UserPointer<SignalStack>(registers.Rdi).TryRead(out wanted))
        {
            return -(long)Errno.EFAULT;
        }

        Errno error = SignalControl.SetAlternateStack(thread, sets, wanted, registers.Rsp, out SignalStack old);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return registers.Rsi == 0 || new UserPointer<SignalStack>(registers.Rsi).TryWrite(old) ? 0 : -(long)Errno.EFAULT;
    }
}
