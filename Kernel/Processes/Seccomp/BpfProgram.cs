using System;
using CosmosKernel.Abi.Security;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>A program that <see cref="BpfVerifier"/> has accepted, and its interpreter.</summary>
[Immutable]
public sealed class BpfProgram
{
    private readonly BpfInstruction[] _instructions;

    private BpfProgram(BpfInstruction[] instructions) => _instructions = instructions;

    /// <summary>Number of instructions.</summary>
    public int Length => _instructions.Length;

    /// <summary>Takes a program; the array is its own from now on.</summary>
    /// <returns>Null: it is not valid.</returns>
    public static BpfProgram? TryCreate(BpfInstruction[] instructions) => BpfVerifier.IsValid(instructions) ? new BpfProgram(instructions) : null;

    /// <summary>Runs it. Any context; allocates nothing.</summary>
    /// <param name="data">What it looks at: 16 words, <c>struct seccomp_data</c>.</param>
    /// <returns>Its answer.</returns>
    public uint Run(ReadOnlySpan<uint> data)
    {
        Span<uint> memory = stackalloc uint[BpfVerifier.MemoryWords];
        uint a = 0;
        uint x = 0;
        for (int at = 0; ; at++)
        {
            BpfInstruction instruction = _instructions[at];
            uint operand = (instruction.Code & BpfCode.ByIndex) != 0 ? x : instruction.Operand;
            switch (instruction.Code)
            {
                case BpfCode.LoadData:
                    a = data[(int)(operand / sizeof(uint))];
                    break;
                case BpfCode.LoadConstant:
                    a = operand;
                    break;
                case BpfCode.LoadIndexConstant:
                    x = operand;
                    break;
                case BpfCode.LoadLength:
                    a = SeccompConstants.DataBytes;
                    break;
                case BpfCode.LoadIndexLength:
                    x = SeccompConstants.DataBytes;
                    break;
                case BpfCode.Load:
                    a = memory[(int)operand];
                    break;
                case BpfCode.LoadIndex:
                    x = memory[(int)operand];
                    break;
                case BpfCode.Store:
                    memory[(int)operand] = a;
                    break;
                case BpfCode.StoreIndex:
                    memory[(int)operand] = x;
                    break;
                case BpfCode.ToIndex:
                    x = a;
                    break;
                case BpfCode.FromIndex:
                    a = x;
                    break;
                case BpfCode.Negate:
                    a = unchecked(0 - a);
                    break;
                case BpfCode.Return:
                    return operand;
                case BpfCode.ReturnAccumulator:
                    return a;
                case BpfCode.Divide | BpfCode.ByIndex when x == 0:
                    return 0;
                case BpfCode.Jump:
                    at += (int)operand;
                    break;
                default:
                    if ((instruction.Code & 7) == BpfCode.Jump)
                    {
                        at += Holds(instruction.Code, a, operand) ? instruction.IfTrue : instruction.IfFalse;
                    }
                    else
                    {
                        a = Compute(instruction.Code, a, operand);
                    }

                    break;
            }
        }
    }

    private static bool Holds(int code, uint a, uint operand) => (code & ~BpfCode.ByIndex) switch
    {
        BpfCode.JumpEqual => a == operand,
        BpfCode.JumpAbove => a > operand,
        BpfCode.JumpNotBelow => a >= operand,
        _ => (a & operand) != 0,
    };

    // Shifts by 32 and more are by the lowest five bits, as the CPU and Linux do them.
    private static uint Compute(int code, uint a, uint operand) => (code & ~BpfCode.ByIndex) switch
    {
        BpfCode.Add => unchecked(a + operand),
        BpfCode.Subtract => unchecked(a - operand),
        BpfCode.Multiply => unchecked(a * operand),
        BpfCode.Divide => a / operand,
        BpfCode.Or => a | operand,
        BpfCode.And => a & operand,
        BpfCode.Xor => a ^ operand,
        BpfCode.ShiftLeft => a << (int)(operand & 31),
        _ => a >> (int)(operand & 31),
    };
}
