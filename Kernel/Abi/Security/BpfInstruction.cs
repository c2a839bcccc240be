using System.Runtime.InteropServices;

namespace CosmosKernel.Abi.Security;

/// <summary>One instruction of a classic BPF program: <c>struct sock_filter</c>, 8 bytes.</summary>
/// <param name="Code">Operation.</param>
/// <param name="IfTrue">Instructions that a jump skips when its condition holds.</param>
/// <param name="IfFalse">Instructions that it skips else.</param>
/// <param name="Operand">The constant, offset or address.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand)
{
    /// <summary>Bytes of an instruction.</summary>
    public const int Bytes = 8;
}
