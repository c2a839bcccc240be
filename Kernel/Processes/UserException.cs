using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes;

/// <summary>Exceptions of user code: page faults are resolved if that is possible, all others become the signal that Linux sends (sigaction(2)).</summary>
internal static class UserException
{
    private const ulong PageFault = 14;
    private const ulong WriteBit = 2;
    private const ulong FetchBit = 16;

    /// <summary>Deals with the exception that brought the running thread back from user mode.</summary>
    [MightSleep]
    public static void Handle(UserThread thread)
    {
        ref UserRegisters registers = ref thread.Context.Registers;
        ulong vector = registers.Vector;
        SignalInfo info;
        if (vector == PageFault)
        {
            if (TryResolve(thread, registers.ErrorCode, out info))
            {
                return;
            }
        }
        else
        {
            info = ForVector(vector, registers.Rip, thread.Context);
        }

        thread.TrapNumber = vector;
        thread.TrapErrorCode = registers.ErrorCode;
        Signals.Force(thread, info);
    }

    /// <summary>The signal of a vector, page faults apart.</summary>
    private static SignalInfo ForVector(ulong vector, ulong address, UserContext context) => vector switch
    {
        0 => SignalInfo.Fault(Signal.SIGFPE, SignalCode.FPE_INTDIV, address),
        1 => SignalInfo.Fault(Signal.SIGTRAP, SignalCode.TRAP_TRACE, address),
        3 => SignalInfo.Kernel(Signal.SIGTRAP),
        6 => SignalInfo.Fault(Signal.SIGILL, SignalCode.ILL_ILLOPN, address),
        11 or 12 => SignalInfo.Kernel(Signal.SIGBUS),
        16 => SignalInfo.Fault(Signal.SIGFPE, FloatingPointCode(context, isVector: false), address),
        17 => SignalInfo.Fault(Signal.SIGBUS, SignalCode.BUS_ADRALN, 0),
        19 => SignalInfo.Fault(Signal.SIGFPE, FloatingPointCode(context, isVector: true), address),
        _ => SignalInfo.Kernel(Signal.SIGSEGV),
    };

    [UserAccess("The address goes into the signal as a number.")]
    private static bool TryResolve(UserThread thread, ulong errorCode, out SignalInfo info)
    {
        ulong address = thread.Context.FaultAddress;
        UserAccessKind access = (errorCode & FetchBit) != 0 ? UserAccessKind.Execute : (errorCode & WriteBit) != 0 ? UserAccessKind.Write : UserAccessKind.Read;
        if (thread.Memory!.HandleFault(address, access, out FaultError error) || (error == FaultError.OutOfMemory && OutOfMemory.TryFree(thread)))
        {
            thread.CountFault(major: false);
            info = default;
            return true;
        }

        info = error switch
        {
            FaultError.NotMapped => SignalInfo.Fault(Signal.SIGSEGV, SignalCode.SEGV_MAPERR, address),
            FaultError.NoAccess => SignalInfo.Fault(Signal.SIGSEGV, SignalCode.SEGV_ACCERR, address),
            FaultError.BusError => SignalInfo.Fault(Signal.SIGBUS, SignalCode.BUS_ADRERR, address),
            _ => SignalInfo.Kernel(Signal.SIGKILL),
        };
        return false;
    }

    // Exceptions that are flagged and not masked; x87 has them in its status and control words, SSE in MXCSR (SDM volume 1, 8.1 and 10.2).
    private static int FloatingPointCode(UserContext context, bool isVector)
    {
        Span<byte> state = stackalloc byte[Math.Min(UserContext.ExtendedStateBytes, 16 * 1024)];
        context.SaveExtendedState(state);
        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(state[24..]);
        int flags = isVector
            ? (int)(mxcsr & ~(mxcsr >> 7))
            : BinaryPrimitives.ReadUInt16LittleEndian(state[2..]) & ~BinaryPrimitives.ReadUInt16LittleEndian(state);
        return (flags & 1) != 0 ? SignalCode.FPE_FLTINV
            : (flags & 4) != 0 ? SignalCode.FPE_FLTDIV
            : (flags & 8) != 0 ? SignalCode.FPE_FLTOVF
            : (flags & 0x12) != 0 ? SignalCode.FPE_FLTUND
            : (flags & 0x20) != 0 ? SignalCode.FPE_FLTRES
            : 0;
    }
}
