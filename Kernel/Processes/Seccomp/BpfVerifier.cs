using System;
using CosmosKernel.Abi.Security;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>Says whether a program may be a filter of system calls: known operations, jumps that go forward and stay inside, reads of what is there, an end at the end. So every run ends.</summary>
public static class BpfVerifier
{
    /// <summary>Most instructions of one program (BPF_MAXINSNS).</summary>
    public const int MostInstructions = 4096;

    /// <summary>Words of memory that a program has.</summary>
    public const int MemoryWords = 16;

    private const uint WordBits = 32;
    private const uint WordBytes = 4;
    private const int AllWords = 0xFFFF;

    /// <summary>Whether the program is one.</summary>
    public static bool IsValid(ReadOnlySpan<BpfInstruction> program)
    {
        if (program.Length is 0 or > MostInstructions)
        {
            return false;
        }

        for (int at = 0; at < program.Length; at++)
        {
            if (!IsValid(program[at], (uint)(program.Length - at - 1)))
            {
                return false;
            }
        }

        return program[^1].Code is BpfCode.Return or BpfCode.ReturnAccumulator && ReadsOnlyWhatItWrote(program);
    }

    // One instruction, of which so many follow.
    private static bool IsValid(in BpfInstruction instruction, uint following)
    {
        switch (instruction.Code)
        {
            case BpfCode.LoadData:
                return instruction.Operand < SeccompConstants.DataBytes && instruction.Operand % WordBytes == 0;
            case BpfCode.Load or BpfCode.LoadIndex or BpfCode.Store or BpfCode.StoreIndex:
                return instruction.Operand < MemoryWords;
            case BpfCode.Divide:
                return instruction.Operand != 0;
            case BpfCode.ShiftLeft or BpfCode.ShiftRight:
                return instruction.Operand < WordBits;
            case BpfCode.Jump:
                return instruction.Operand < following;
            case BpfCode.JumpEqual or BpfCode.JumpAbove or BpfCode.JumpNotBelow or BpfCode.JumpBits:
            case BpfCode.JumpEqual | BpfCode.ByIndex or BpfCode.JumpAbove | BpfCode.ByIndex:
            case BpfCode.JumpNotBelow | BpfCode.ByIndex or BpfCode.JumpBits | BpfCode.ByIndex:
                return instruction.IfTrue < following && instruction.IfFalse < following;
            case BpfCode.LoadConstant or BpfCode.LoadIndexConstant or BpfCode.LoadLength or BpfCode.LoadIndexLength:
            case BpfCode.Return or BpfCode.ReturnAccumulator or BpfCode.ToIndex or BpfCode.FromIndex or BpfCode.Negate:
            case BpfCode.Add or BpfCode.Subtract or BpfCode.Multiply or BpfCode.Or or BpfCode.And or BpfCode.Xor:
            case BpfCode.Add | BpfCode.ByIndex or BpfCode.Subtract | BpfCode.ByIndex or BpfCode.Multiply | BpfCode.ByIndex:
            case BpfCode.Divide | BpfCode.ByIndex or BpfCode.Or | BpfCode.ByIndex or BpfCode.And | BpfCode.ByIndex or BpfCode.Xor | BpfCode.ByIndex:
            case BpfCode.ShiftLeft | BpfCode.ByIndex or BpfCode.ShiftRight | BpfCode.ByIndex:
                return true;
            default:
                return false;
        }
    }

    // On every way to a load from memory there is a store before it. Jumps go forward, so one pass knows what all ways to an instruction have stored.
    private static bool ReadsOnlyWhatItWrote(ReadOnlySpan<BpfInstruction> program)
    {
        Span<ushort> arriving = program.Length <= 512 ? stackalloc ushort[program.Length] : new ushort[program.Length];
        arriving.Fill(AllWords);
        int written = 0;
        for (int at = 0; at < program.Length; at++)
        {
            BpfInstruction instruction = program[at];
            written &= arriving[at];
            switch (instruction.Code)
            {
                case BpfCode.Store or BpfCode.StoreIndex:
                    written |= 1 << (int)instruction.Operand;
                    break;
                case BpfCode.Load or BpfCode.LoadIndex:
                    if ((written & (1 << (int)instruction.Operand)) == 0)
                    {
                        return false;
                    }

                    break;
                case BpfCode.Jump:
                    arriving[at + 1 + (int)instruction.Operand] &= (ushort)written;
                    written = AllWords;
                    break;
                default:
                    if ((instruction.Code & 7) == BpfCode.Jump)
                    {
                        arriving[at + 1 + instruction.IfTrue] &= (ushort)written;
                        arriving[at + 1 + instruction.IfFalse] &= (ushort)written;
                        written = AllWords;
                    }

                    break;
            }
        }

        return true;
    }
}
