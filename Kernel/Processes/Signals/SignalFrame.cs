using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Processes;

/// <summary>
/// The frame that a handler of a signal finds on its stack: return address, ucontext_t, siginfo_t, and above them the extended state (Linux's <c>struct rt_sigframe</c> on x86-64). Only the
/// layout is here; <see cref="SignalFrameAccess"/> copies it from and to user memory.
/// </summary>
internal static class SignalFrame
{
    /// <summary>Bytes of the frame without the extended state.</summary>
    public const int Bytes = 440;

    /// <summary>Offset of ucontext_t: the third argument of a handler.</summary>
    public const int ContextOffset = 8;

    /// <summary>Offset of siginfo_t: the second argument of a handler.</summary>
    public const int InfoOffset = 312;

    /// <summary>Bytes below the stack pointer that belong to the interrupted function (System V ABI for AMD64, 3.2.2).</summary>
    public const ulong RedZone = 128;

    /// <summary>Bytes of the area of FXSAVE.</summary>
    public const int LegacyStateBytes = 512;

    /// <summary>Where the kernel describes the extended state, within FXSAVE's area.</summary>
    public const int StateDescriptionOffset = UserContext.SoftwareOffset;

    /// <summary>FP_XSTATE_MAGIC1: the description is there.</summary>
    public const uint FirstMagic = 0x4650_5853;

    /// <summary>FP_XSTATE_MAGIC2: behind the state; both say that nothing was cut off.</summary>
    public const uint SecondMagic = 0x4650_5845;

    // UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS.
    private const ulong HasXsave = 1;
    private const ulong HasStackSegment = 2 | 4;

    // What Linux's selectors for user code and data are: programs may look.
    private const ulong LinuxUserCode = 0x33;
    private const ulong LinuxUserData = 0x2B;

    // AC OF DF TF SF ZF AF PF CF RF: what rt_sigreturn(2) takes from the frame.
    private const ulong RestoredFlags = 0x0005_0DD5;

    /// <summary>Where the frame and the extended state go.</summary>
    /// <param name="stackPointer">Just above: the red zone is below the interrupted stack pointer and taken off already; or the end of the alternate stack.</param>
    /// <param name="stateBytes">Bytes of the extended state with what is behind it.</param>
    /// <param name="state">Where that goes: a multiple of 64.</param>
    /// <returns>The frame's address, 8 less than a multiple of 16: as after a call.</returns>
    public static ulong Place(ulong stackPointer, int stateBytes, out ulong state)
    {
        state = (stackPointer - (ulong)stateBytes) & ~63ul;
        return ((state - Bytes) & ~15ul) - 8;
    }

    /// <summary><c>uc_flags</c>.</summary>
    /// <param name="hasXsave">The extended state is XSAVE's.</param>
    public static ulong Flags(bool hasXsave) => HasStackSegment | (hasXsave ? HasXsave : 0);

    /// <summary>Makes the frame but for return address, flags, alternate stack, what is known of an exception, and the address of the extended state.</summary>
    /// <param name="registers">The interrupted registers.</param>
    /// <param name="info">The signal.</param>
    /// <param name="mask">Signals that were blocked.</param>
    /// <param name="frame">All zero before.</param>
    public static void Write(in UserRegisters registers, in SignalInfo info, SignalSet mask, ref SignalFrameRecord frame)
    {
        frame.Mask = mask.Bits;
        frame.Info = info;
        ref SignalRegisters to = ref frame.Registers;
        to.R8 = registers.R8;
        to.R9 = registers.R9;
        to.R10 = registers.R10;
        to.R11 = registers.R11;
        to.R12 = registers.R12;
        to.R13 = registers.R13;
        to.R14 = registers.R14;
        to.R15 = registers.R15;
        to.Rdi = registers.Rdi;
        to.Rsi = registers.Rsi;
        to.Rbp = registers.Rbp;
        to.Rbx = registers.Rbx;
        to.Rdx = registers.Rdx;
        to.Rax = registers.Rax;
        to.Rcx = registers.Rcx;
        to.Rsp = registers.Rsp;
        to.Rip = registers.Rip;
        to.Rflags = registers.Rflags;
        to.Segments = LinuxUserCode | (LinuxUserData << 48);
        to.OldMask = mask.Bits;
    }

    /// <summary>Writes the description of the extended state. <see cref="SecondMagic"/> belongs behind the state.</summary>
    /// <param name="to">The bytes of FXSAVE's area from <see cref="StateDescriptionOffset"/> to its end.</param>
    /// <param name="stateBytes">Bytes of the extended state, in XSAVE's standard format.</param>
    /// <param name="features">Components that it may hold (XCR0).</param>
    public static void DescribeState(Span<byte> to, int stateBytes, ulong features)
    {
        to[..(LegacyStateBytes - StateDescriptionOffset)].Clear();
        Put(to, 0, FirstMagic | ((ulong)(uint)(stateBytes + 4) << 32));
        Put(to, 8, features);
        Put(to, 16, (uint)stateBytes);
    }

    /// <summary>How much extended state a frame has.</summary>
    /// <param name="legacy">The area of FXSAVE.</param>
    /// <param name="stateBytes">Bytes of the CPU's whole extended state.</param>
    /// <param name="end">The 4 bytes behind that, as they are in the frame.</param>
    /// <returns><paramref name="stateBytes"/>, or 512 when the frame has FXSAVE's area alone.</returns>
    public static int StateBytes(ReadOnlySpan<byte> legacy, int stateBytes, uint end)
    {
        ReadOnlySpan<byte> description = legacy[StateDescriptionOffset..];
        bool whole = BinaryPrimitives.ReadUInt32LittleEndian(description) == FirstMagic
            && BinaryPrimitives.ReadUInt32LittleEndian(description[16..]) == (uint)stateBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(description[4..]) >= (uint)stateBytes + 4
            && end == SecondMagic;
        return whole ? stateBytes : LegacyStateBytes;
    }

    /// <summary>Takes the registers back from a frame that user code may have changed: none of them gives it rights.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="registers">Changed; code and stack segment and the kernel's flags stay.</param>
    public static void Read(in SignalFrameRecord frame, ref UserRegisters registers)
    {
        ref readonly SignalRegisters from = ref frame.Registers;
        registers.R8 = from.R8;
        registers.R9 = from.R9;
        registers.R10 = from.R10;
        registers.R11 = from.R11;
        registers.R12 = from.R12;
        registers.R13 = from.R13;
        registers.R14 = from.R14;
        registers.R15 = from.R15;
        registers.Rdi = from.Rdi;
        registers.Rsi = from.Rsi;
        registers.Rbp = from.Rbp;
        registers.Rbx = from.Rbx;
        registers.Rdx = from.Rdx;
        registers.Rax = from.Rax;
        registers.Rcx = from.Rcx;
        registers.Rsp = from.Rsp;
        registers.Rip = from.Rip;
        registers.Rflags = (registers.Rflags & ~RestoredFlags) | (from.Rflags & RestoredFlags);
    }

    /// <summary>The segments that a frame holds are those of 64-bit user mode.</summary>
    public static bool HasUserSegments(in SignalFrameRecord frame)
    {
        ulong segments = frame.Registers.Segments;
        return ((segments & 0xFFFF) | 3) == LinuxUserCode && ((segments >> 48) | 3) == LinuxUserData;
    }

    private static void Put(Span<byte> to, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(to[offset..], value);
}
