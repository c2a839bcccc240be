using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Abi;
using CosmosKernel.Machine.UserMode;
using Xunit;

namespace CosmosKernel.Processes.Tests;

// The offsets are those of struct rt_sigframe, ucontext_t and siginfo_t on x86-64 as a C compiler gives them.
public sealed class SignalFrameTests
{
    [Fact]
    public void StructuresHaveTheSizesOfTheInterface()
    {
        Assert.Equal(32, Unsafe.SizeOf<KernelSignalAction>());
        Assert.Equal(24, Unsafe.SizeOf<SignalStack>());
        Assert.Equal(48, Unsafe.SizeOf<SignalInfo>());
        Assert.Equal(256, Unsafe.SizeOf<SignalRegisters>());
        Assert.Equal(SignalFrame.Bytes, Unsafe.SizeOf<SignalFrameRecord>());
        Assert.Equal(88, Unsafe.SizeOf<CloneArguments>());
        Assert.Equal(144, Unsafe.SizeOf<ResourceUsage>());
        Assert.Equal(16, Unsafe.SizeOf<ResourceLimitPair>());
    }

    [Fact]
    public void TheFrameIsWhereTheHandlerLooks()
    {
        byte[] frame = Write(out UserRegisters registers);
        Assert.Equal(0x1111ul, At(frame, 0));
        Assert.Equal(7ul, At(frame, 8));
        Assert.Equal(0ul, At(frame, 16));
        Assert.Equal(0x7000ul, At(frame, 24));
        Assert.Equal(8192ul, At(frame, 40));
        Assert.Equal(registers.R8, At(frame, 48));
        Assert.Equal(registers.R15, At(frame, 104));
        Assert.Equal(registers.Rdi, At(frame, 112));
        Assert.Equal(registers.Rsi, At(frame, 120));
        Assert.Equal(registers.Rbp, At(frame, 128));
        Assert.Equal(registers.Rbx, At(frame, 136));
        Assert.Equal(registers.Rdx, At(frame, 144));
        Assert.Equal(registers.Rax, At(frame, 152));
        Assert.Equal(registers.Rcx, At(frame, 160));
        Assert.Equal(registers.Rsp, At(frame, 168));
        Assert.Equal(registers.Rip, At(frame, 176));
        Assert.Equal(registers.Rflags, At(frame, 184));
        Assert.Equal(0x002B_0000_0000_0033ul, At(frame, 192));
        Assert.Equal(6ul, At(frame, 200));
        Assert.Equal(14ul, At(frame, 208));
        Assert.Equal(0x200ul, At(frame, 216));
        Assert.Equal(0xBADul, At(frame, 224));
        Assert.Equal(0x8000ul, At(frame, 232));
        Assert.Equal(0x200ul, At(frame, 304));
        Assert.Equal(Signal.SIGSEGV, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(312)));
        Assert.Equal(SignalCode.SEGV_MAPERR, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(320)));
        Assert.Equal(0xBADul, At(frame, 328));
    }

    [Fact]
    public void ReadingGivesBackWhatWasWritten()
    {
        byte[] frame = Write(out UserRegisters registers);
        UserRegisters restored = new() { Cs = registers.Cs, Ss = registers.Ss, Vector = registers.Vector, ErrorCode = registers.ErrorCode, Rflags = registers.Rflags };
        SignalFrameRecord record = MemoryMarshal.Read<SignalFrameRecord>(frame);
        SignalFrame.Read(record, ref restored);
        Assert.Equal(registers, restored);
        Assert.Equal(0x200ul, record.Mask);
        Assert.Equal(0x8000ul, record.Registers.State);
        Assert.Equal(8192ul, record.AlternateStack.Size);
        Assert.True(SignalFrame.HasUserSegments(record));
    }

    [Fact]
    public void AFrameCannotChangeFlagsOfTheKernel()
    {
        byte[] frame = Write(out UserRegisters registers);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(184), ulong.MaxValue);
        UserRegisters restored = registers with { Rflags = 0x202 };
        SignalFrame.Read(MemoryMarshal.Read<SignalFrameRecord>(frame), ref restored);
        Assert.Equal(0x0005_0FD7ul, restored.Rflags);
    }

    [Theory]
    [InlineData(0x10)]
    [InlineData(0x08)]
    [InlineData(0x23)]
    public void SegmentsOtherThanTheUsersAreRefused(ushort selector)
    {
        byte[] frame = Write(out _);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(192), selector);
        Assert.False(SignalFrame.HasUserSegments(MemoryMarshal.Read<SignalFrameRecord>(frame)));
    }

    [Theory]
    [InlineData(0x7FFF_FFFF_0000ul, 516)]
    [InlineData(0x7FFF_FFFF_0001ul, 836)]
    [InlineData(0x7FFF_FFFF_003Ful, 2700)]
    public void PlacesAreAlignedAndDoNotOverlap(ulong top, int stateBytes)
    {
        ulong frame = SignalFrame.Place(top, stateBytes, out ulong state);
        Assert.Equal(0ul, state % 64);
        Assert.Equal(8ul, frame % 16);
        Assert.True(state + (ulong)stateBytes <= top);
        Assert.True(frame + SignalFrame.Bytes <= state);
        Assert.True(top - frame < (ulong)stateBytes + SignalFrame.Bytes + 64 + 24);
    }

    [Fact]
    public void TheStateIsDescribedAndFoundAgain()
    {
        byte[] state = new byte[840];
        state.AsSpan(464, 48).Fill(0xFF);
        SignalFrame.DescribeState(state.AsSpan(464), 836, 7);
        Assert.Equal(0x4650_5853u, BinaryPrimitives.ReadUInt32LittleEndian(state.AsSpan(464)));
        Assert.Equal(840u, BinaryPrimitives.ReadUInt32LittleEndian(state.AsSpan(468)));
        Assert.Equal(7ul, At(state, 472));
        Assert.Equal(836u, BinaryPrimitives.ReadUInt32LittleEndian(state.AsSpan(480)));
        Assert.False(state.AsSpan(484, 28).ContainsAnyExcept((byte)0));
        uint end = SignalFrame.SecondMagic;
        Assert.Equal(0x4650_5845u, end);
        Assert.Equal(836, SignalFrame.StateBytes(state.AsSpan(0, 512), 836, end));
        Assert.Equal(512, SignalFrame.StateBytes(state.AsSpan(0, 512), 836, end + 1));
        Assert.Equal(512, SignalFrame.StateBytes(state.AsSpan(0, 512), 1000, end));
    }

    private static byte[] Write(out UserRegisters registers)
    {
        registers = new UserRegisters
        {
            R8 = 8,
            R9 = 9,
            R10 = 10,
            R11 = 11,
            R12 = 12,
            R13 = 13,
            R14 = 14,
            R15 = 15,
            Rdi = 1,
            Rsi = 2,
            Rbp = 3,
            Rbx = 4,
            Rdx = 5,
            Rax = 6,
            Rcx = 7,
            Rsp = 0x6000,
            Rip = 0x40_0000,
            Rflags = 0x246,
            Cs = UserRegisters.UserCode,
            Ss = UserRegisters.UserData,
            Vector = 14,
            ErrorCode = 6,
        };
        SignalFrameRecord record = default;
        SignalFrame.Write(registers, SignalInfo.Fault(Signal.SIGSEGV, SignalCode.SEGV_MAPERR, 0xBAD), new SignalSet(0x200), ref record);
        record.ReturnAddress = 0x1111;
        record.Flags = SignalFrame.Flags(hasXsave: true);
        record.AlternateStack = new SignalStack { Address = 0x7000, Size = 8192 };
        record.Registers.TrapNumber = 14;
        record.Registers.ErrorCode = 6;
        record.Registers.FaultAddress = 0xBAD;
        record.Registers.State = 0x8000;
        return MemoryMarshal.AsBytes(new ReadOnlySpan<SignalFrameRecord>(in record)).ToArray();
    }

    private static ulong At(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
}
