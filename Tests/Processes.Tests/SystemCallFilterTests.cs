using System;
using System.Linq;
using CosmosKernel.Abi.Security;
using CosmosKernel.Processes.Seccomp;
using Xunit;

namespace CosmosKernel.Processes.Tests;

/// <summary>The programs that filter system calls: which are taken, and what they answer.</summary>
public sealed class SystemCallFilterTests
{
    private static readonly uint[] s_data = [1, SeccompConstants.Architecture, 0x1000, 0, 10, 0xA, 20, 0xB, 30, 0xC, 40, 0xD, 50, 0xE, 60, 0xF];

    private static BpfInstruction Do(int code, uint operand = 0, byte ifTrue = 0, byte ifFalse = 0) => new((ushort)code, ifTrue, ifFalse, operand);

    private static BpfInstruction End(uint answer = 7) => Do(BpfCode.Return, answer);

    /// <summary>Name, program, whether it is valid.</summary>
    public static TheoryData<string, BpfInstruction[], bool> Programs() => new()
    {
        { "nothing", [], false },
        { "an answer", [End()], true },
        { "the longest", [.. Enumerable.Repeat(Do(BpfCode.LoadConstant), BpfVerifier.MostInstructions - 1), End()], true },
        { "one longer", [.. Enumerable.Repeat(Do(BpfCode.LoadConstant), BpfVerifier.MostInstructions), End()], false },
        { "no end", [Do(BpfCode.LoadConstant)], false },
        { "an end before the end", [End(), Do(BpfCode.LoadConstant)], false },
        { "a jump as the end", [End(), Do(BpfCode.Jump)], false },
        { "answers X", [Do(BpfCode.Return | BpfCode.ByIndex)], false },
        { "the last word", [Do(BpfCode.LoadData, 60), End()], true },
        { "behind the data", [Do(BpfCode.LoadData, 64), End()], false },
        { "far behind the data", [Do(BpfCode.LoadData, 0xFFFF_F000), End()], false },
        { "not a multiple of four", [Do(BpfCode.LoadData, 2), End()], false },
        { "a half word of the data", [Do(0x28, 0), End()], false },
        { "a byte of the data", [Do(0x30, 0), End()], false },
        { "data at X", [Do(0x40, 0), End()], false },
        { "the header's length", [Do(0xB1, 0), End()], false },
        { "remainder", [Do(0x94, 3), End()], false },
        { "division by the constant zero", [Do(BpfCode.Divide, 0), End()], false },
        { "division by X", [Do(BpfCode.Divide | BpfCode.ByIndex), End()], true },
        { "shift by 31", [Do(BpfCode.ShiftLeft, 31), End()], true },
        { "shift by 32", [Do(BpfCode.ShiftLeft, 32), End()], false },
        { "shift right by 32", [Do(BpfCode.ShiftRight, 32), End()], false },
        { "jump to the last", [Do(BpfCode.Jump, 1), End(), End()], true },
        { "jump behind the last", [Do(BpfCode.Jump, 2), End(), End()], false },
        { "jump back", [End(), Do(BpfCode.Jump, uint.MaxValue - 1), End()], false },
        { "true behind the last", [Do(BpfCode.JumpEqual, 0, 2, 0), End(), End()], false },
        { "false behind the last", [Do(BpfCode.JumpEqual, 0, 0, 2), End(), End()], false },
        { "both to the last", [Do(BpfCode.JumpBits | BpfCode.ByIndex, 0, 1, 1), End(), End()], true },
        { "jump on not equal, which there is not", [Do(0x55, 0, 0, 0), End()], false },
        { "memory word 16", [Do(BpfCode.Store, 16), End()], false },
        { "memory word 15", [Do(BpfCode.Store, 15), Do(BpfCode.Load, 15), End()], true },
        { "read before written", [Do(BpfCode.Load, 3), End()], false },
        { "another word was written", [Do(BpfCode.Store, 2), Do(BpfCode.Load, 3), End()], false },
        { "written on one way only", [Do(BpfCode.JumpEqual, 0, 0, 1), Do(BpfCode.Store, 3), Do(BpfCode.Load, 3), End()], false },
        {
            "written on both ways",
            [Do(BpfCode.JumpEqual, 0, 0, 2), Do(BpfCode.Store, 3), Do(BpfCode.Jump, 1), Do(BpfCode.StoreIndex, 3), Do(BpfCode.Load, 3), End()],
            true
        },
        { "written behind a jump over it", [Do(BpfCode.Jump, 1), Do(BpfCode.Store, 3), Do(BpfCode.LoadIndex, 3), End()], false },
        { "an extended operation", [Do(0xFF), End()], false },
        { "a code of more than eight bits", [Do(0x100 | BpfCode.LoadConstant), End()], false },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void AProgramIsTakenOnlyIfEveryRunOfItEnds(string name, BpfInstruction[] program, bool valid)
    {
        Assert.True(valid == BpfVerifier.IsValid(program), name);
        Assert.Equal(valid, BpfProgram.TryCreate(program) is not null);
    }

    /// <summary>Name, program without its end, what is in A then.</summary>
    public static TheoryData<string, BpfInstruction[], uint> Computations() => new()
    {
        { "nothing", [], 0 },
        { "number of the call", [Do(BpfCode.LoadData, 0)], 1 },
        { "architecture", [Do(BpfCode.LoadData, 4)], SeccompConstants.Architecture },
        { "high half of the last argument", [Do(BpfCode.LoadData, 60)], 0xF },
        { "length", [Do(BpfCode.LoadLength)], 64 },
        { "length by X", [Do(BpfCode.LoadIndexLength), Do(BpfCode.FromIndex)], 64 },
        { "sum", [Do(BpfCode.LoadConstant, 5), Do(BpfCode.Add, uint.MaxValue)], 4 },
        { "difference with X", [Do(BpfCode.LoadIndexConstant, 7), Do(BpfCode.LoadConstant, 5), Do(BpfCode.Subtract | BpfCode.ByIndex)], unchecked((uint)-2) },
        { "product", [Do(BpfCode.LoadConstant, 0x8000_0001), Do(BpfCode.Multiply, 2)], 2 },
        { "quotient without a sign", [Do(BpfCode.LoadConstant, uint.MaxValue), Do(BpfCode.Divide, 2)], 0x7FFF_FFFF },
        { "bits", [Do(BpfCode.LoadConstant, 0xF0), Do(BpfCode.And, 0x3C), Do(BpfCode.Or, 1), Do(BpfCode.Xor, 0xFF)], 0xCE },
        { "shifts", [Do(BpfCode.LoadConstant, 0x8000_0001), Do(BpfCode.ShiftRight, 31), Do(BpfCode.ShiftLeft, 4)], 16 },
        { "shift by an X of 33", [Do(BpfCode.LoadIndexConstant, 33), Do(BpfCode.LoadConstant, 1), Do(BpfCode.ShiftLeft | BpfCode.ByIndex)], 2 },
        { "negative", [Do(BpfCode.LoadConstant, 1), Do(BpfCode.Negate)], uint.MaxValue },
        {
            "memory",
            [Do(BpfCode.LoadConstant, 9), Do(BpfCode.Store, 4), Do(BpfCode.LoadIndex, 4), Do(BpfCode.StoreIndex, 15), Do(BpfCode.LoadConstant), Do(BpfCode.Load, 15)],
            9
        },
        { "jump", [Do(BpfCode.Jump, 1), Do(BpfCode.LoadConstant, 3), Do(BpfCode.ToIndex)], 0 },
        { "equal", [Do(BpfCode.LoadData, 0), Do(BpfCode.JumpEqual, 1, 0, 1), Do(BpfCode.LoadConstant, 5)], 5 },
        { "above is unsigned", [Do(BpfCode.LoadConstant, uint.MaxValue), Do(BpfCode.JumpAbove, 1, 0, 1), Do(BpfCode.LoadConstant, 5)], 5 },
        { "not below itself", [Do(BpfCode.LoadConstant, 6), Do(BpfCode.JumpNotBelow, 6, 0, 1), Do(BpfCode.LoadConstant, 5)], 5 },
        { "no common bit", [Do(BpfCode.LoadConstant, 6), Do(BpfCode.JumpBits, 9, 0, 1), Do(BpfCode.LoadConstant, 5)], 6 },
        { "division by an X of zero answers 0", [Do(BpfCode.LoadConstant, 6), Do(BpfCode.Divide | BpfCode.ByIndex)], 0 },
    };

    [Theory]
    [MemberData(nameof(Computations))]
    public void AProgramComputesWhatItsInstructionsSay(string name, BpfInstruction[] program, uint expected)
    {
        BpfProgram? runnable = BpfProgram.TryCreate([.. program, Do(BpfCode.ReturnAccumulator)]);
        Assert.True(runnable is not null, name);
        Assert.Equal(expected, runnable.Run(s_data));
    }

    [Fact]
    public void RandomProgramsThatAreTakenEnd()
    {
        int[] codes = [0, 1, 2, 3, 4, 5, 6, 7, 0x0C, 0x14, 0x15, 0x16, 0x1D, 0x20, 0x25, 0x34, 0x3C, 0x35, 0x45, 0x54, 0x60, 0x61, 0x64, 0x6C, 0x74, 0x80, 0x81, 0x84, 0x87, 0xA4];
        Random random = new(1);
        int taken = 0;
        for (int round = 0; round < 200_000; round++)
        {
            var program = new BpfInstruction[random.Next(1, 8)];
            for (int i = 0; i < program.Length; i++)
            {
                program[i] = Do(codes[random.Next(codes.Length)], (uint)random.Next(0, 20), (byte)random.Next(0, 4), (byte)random.Next(0, 4));
            }

            program[^1] = End();
            if (BpfProgram.TryCreate(program) is { } runnable)
            {
                runnable.Run(s_data);
                taken++;
            }
        }

        Assert.True(taken > 1000);
    }

    [Theory]
    [InlineData(SeccompAction.Allow, SeccompAction.Error, SeccompAction.Error)]
    [InlineData(SeccompAction.Log, SeccompAction.Allow, SeccompAction.Log)]
    [InlineData(SeccompAction.KillThread, SeccompAction.KillProcess, SeccompAction.KillProcess)]
    [InlineData(SeccompAction.Trap, SeccompAction.KillThread, SeccompAction.KillThread)]
    [InlineData(SeccompAction.Notify, SeccompAction.Trace, SeccompAction.Notify)]
    public void OfSeveralFiltersTheStrictestCounts(SeccompAction first, SeccompAction second, SeccompAction expected)
    {
        SeccompFilter one = new(BpfProgram.TryCreate([End((uint)first)])!, null, logs: false, listener: null);
        SeccompFilter two = new(BpfProgram.TryCreate([End((uint)second)])!, one, logs: false, listener: null);
        Assert.Equal((uint)expected, two.Ask(s_data, out SeccompFilter decisive));
        Assert.Same(expected == second ? two : one, decisive);
        Assert.Equal(2, two.Count);
        Assert.Equal(2 + SeccompFilter.Overhead, two.Instructions);
    }

    [Fact]
    public void OfEqualAnswersThatOfTheLastFilterCounts()
    {
        SeccompFilter one = new(BpfProgram.TryCreate([End((uint)SeccompAction.Error | 1)])!, null, logs: false, listener: null);
        SeccompFilter two = new(BpfProgram.TryCreate([End((uint)SeccompAction.Error | 2)])!, one, logs: false, listener: null);
        Assert.Equal((uint)SeccompAction.Error | 2, two.Ask(s_data, out _));
        Assert.True(SeccompFilter.IsAncestor(one, two));
        Assert.False(SeccompFilter.IsAncestor(two, one));
        Assert.True(SeccompFilter.IsAncestor(null, one));
    }
}
