using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes;

/// <summary>Puts a thread into a signal's handler, and back to where it was (rt_sigreturn(2)). Task context of the thread itself.</summary>
internal static class SignalFrameAccess
{
    // Offset of XSTATE_BV in the header behind FXSAVE's area; XCOMP_BV follows.
    private const int XsaveFeatures = 512;

    /// <summary>Tells the machine what each frame says of the extended state. Boot task, once.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        Span<byte> description = stackalloc byte[SignalFrame.LegacyStateBytes - SignalFrame.StateDescriptionOffset];
        SignalFrame.DescribeState(description, UserContext.ExtendedStateBytes, UserContext.ExtendedStateFeatures);
        UserContext.SetFrameMarks(description, SignalFrame.SecondMagic);
    }

    /// <summary>Builds the frame and sets the registers for the handler.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="action">The signal's action, with a handler.</param>
    /// <param name="info">The signal.</param>
    /// <param name="mask">The mask that the handler's return brings back.</param>
    /// <returns>False: the stack cannot be written, and nothing has changed.</returns>
    [MightSleep]
    [UserAccess("Addresses go into the frame as numbers, for the program to read.")]
    public static bool TryEnter(UserThread thread, in KernelSignalAction action, in SignalInfo info, SignalSet mask)
    {
        UserContext context = thread.Context;
        ref UserRegisters registers = ref context.Registers;
        SignalStack alternate = thread.AlternateStack;
        int savedBytes = UserContext.FrameStateBytes;
        bool hasXsave = savedBytes > SignalFrame.LegacyStateBytes;
        ulong top = registers.Rsp - SignalFrame.RedZone;
        bool isOnAlternate = AlternateStacks.IsOn(alternate, registers.Rsp);
        bool entersAlternate = false;
        if ((action.Flags & SignalActionFlags.SA_ONSTACK) != 0 && AlternateStacks.FlagsOf(alternate, registers.Rsp) == 0)
        {
            top = alternate.Address + alternate.Size;
            entersAlternate = true;
        }

        ulong frame = SignalFrame.Place(top, savedBytes, out ulong state);

        // It must not run over the end of the alternate stack into what lies below.
        if ((isOnAlternate || entersAlternate) && !AlternateStacks.Contains(alternate, frame))
        {
            return false;
        }

        if (!UserMemory.IsRange(frame, top - frame))
        {
            return false;
        }

        // Not a local variable, which would be cleared twice.
        Span<SignalFrameRecord> records = stackalloc SignalFrameRecord[1];
        ref SignalFrameRecord record = ref records[0];
        SignalFrame.Write(registers, info, mask, ref record);
        record.ReturnAddress = action.Restorer;
        record.Flags = SignalFrame.Flags(hasXsave);
        record.AlternateStack = alternate;
        record.Registers.ErrorCode = thread.TrapErrorCode;
        record.Registers.TrapNumber = thread.TrapNumber;
        record.Registers.FaultAddress = context.FaultAddress;
        record.Registers.State = state;
        if (!TrySaveState(context, state) || !new UserPointer<SignalFrameRecord>(frame).TryWrite(record))
        {
            return false;
        }

        registers.Rdi = (ulong)info.Number;
        registers.Rsi = frame + SignalFrame.InfoOffset;
        registers.Rdx = frame + SignalFrame.ContextOffset;
        registers.Rax = 0;
        registers.Rip = action.Handler;
        registers.Rsp = frame;

        // DF as the ABI wants it; TF and RF belong to the interrupted code.
        registers.Rflags &= ~0x0001_0500ul;
        context.ResetExtendedState();
        if ((alternate.Flags & SignalStack.SS_AUTODISARM) != 0)
        {
            thread.AlternateStack = new SignalStack { Flags = SignalStack.SS_DISABLE };
        }

        return true;
    }

    /// <summary>Goes back to where a signal interrupted the thread: all of it comes from user memory, and may be anything.</summary>
    /// <returns>False: the frame is bad.</returns>
    [MightSleep]
    public static bool TryReturn(UserThread thread)
    {
        UserContext context = thread.Context;
        ref UserRegisters registers = ref context.Registers;

        // The handler's return has taken the restorer's address off.
        ulong frame = registers.Rsp - 8;
        if (!new UserPointer<SignalFrameRecord>(frame).TryRead(out SignalFrameRecord record) || !SignalFrame.HasUserSegments(record)
            || !TryRestoreState(context, record.Registers.State))
        {
            return false;
        }

        SignalFrame.Read(record, ref registers);
        SignalMasks.Set(thread, new SignalSet(record.Mask));
        AlternateStacks.TrySet(thread, record.AlternateStack, registers.Rsp);
        return true;
    }

    // The state goes straight from where the CPU left it to the frame.
    private static bool TrySaveState(UserContext context, [UserAddress] ulong state) => UserMemory.TryWrite(state, context.StoreFrameState());

    // And straight back, into memory that the CPU does not look at before all of it was checked.
    private static bool TryRestoreState(UserContext context, [UserAddress] ulong state)
    {
        if (state == 0)
        {
            context.ResetExtendedState();
            return true;
        }

        Span<byte> image = context.BeginExtendedState();
        int used = ReadState(state, image);
        if (used > SignalFrame.LegacyStateBytes)
        {
            // Components that the CPU does not have, as Linux, are dropped, not refused.
            Span<byte> features = image[XsaveFeatures..];
            BinaryPrimitives.WriteUInt64LittleEndian(features, BinaryPrimitives.ReadUInt64LittleEndian(features) & UserContext.ExtendedStateFeatures);
        }

        return context.EndExtendedState(used);
    }

    // Bytes of the state that the frame has: all, those of FXSAVE, or 0 when it cannot be read.
    private static int ReadState([UserAddress] ulong state, Span<byte> image)
    {
        int whole = UserContext.ExtendedStateBytes;
        Span<byte> legacy = image[..SignalFrame.LegacyStateBytes];
        if (image.Length > whole && UserMemory.TryRead(state, image))
        {
            return SignalFrame.StateBytes(legacy, whole, BinaryPrimitives.ReadUInt32LittleEndian(image[whole..]));
        }

        return UserMemory.TryRead(state, legacy) ? SignalFrame.LegacyStateBytes : 0;
    }
}
