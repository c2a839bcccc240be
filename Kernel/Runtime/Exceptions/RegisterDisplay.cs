using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// Where the registers of one stack frame are. Each field points to the place that holds the register's value as the
/// frame will find it when control returns to it, so that a handler which runs in the frame can change it there.
/// </summary>
/// <remarks>
/// The layout is CoreLib's REGDISPLAY (<c>AsmOffsets</c> of System.Private.CoreLib 9.0): X# loads and stores callee-saved
/// registers through it, and CoreLib reads <see cref="StackPointer"/>. <c>tools/corelibcheck</c> compares it with CoreLib.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 136)]
public unsafe struct RegisterDisplay
{
    /// <summary>Place of rbx.</summary>
    [FieldOffset(24)]
    public ulong* Rbx;

    /// <summary>Place of rbp.</summary>
    [FieldOffset(32)]
    public ulong* Rbp;

    /// <summary>Place of r12.</summary>
    [FieldOffset(88)]
    public ulong* R12;

    /// <summary>Place of r13.</summary>
    [FieldOffset(96)]
    public ulong* R13;

    /// <summary>Place of r14.</summary>
    [FieldOffset(104)]
    public ulong* R14;

    /// <summary>Place of r15.</summary>
    [FieldOffset(112)]
    public ulong* R15;

    /// <summary>The frame's stack pointer, after the call that left it has returned.</summary>
    [FieldOffset(120)]
    public ulong StackPointer;

    /// <summary>The address at which the frame continues, or where it was interrupted.</summary>
    [FieldOffset(128)]
    public ulong InstructionPointer;

    /// <summary>Points every callee-saved register into <paramref name="context"/> and takes its stack and instruction pointer.</summary>
    internal void Load(LimitedContext* context)
    {
        Rbx = &context->Rbx;
        Rbp = &context->Rbp;
        R12 = &context->R12;
        R13 = &context->R13;
        R14 = &context->R14;
        R15 = &context->R15;
        StackPointer = context->Rsp;
        InstructionPointer = context->Rip;
    }
}

/// <summary>
/// The registers that matter at a call: what X# saves when an exception is thrown (CoreLib's PAL_LIMITED_CONTEXT).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal struct LimitedContext
{
    [FieldOffset(0)]
    public ulong Rip;

    [FieldOffset(8)]
    public ulong Rsp;

    [FieldOffset(16)]
    public ulong Rbp;

    [FieldOffset(32)]
    public ulong Rbx;

    [FieldOffset(48)]
    public ulong R12;

    [FieldOffset(56)]
    public ulong R13;

    [FieldOffset(64)]
    public ulong R14;

    [FieldOffset(72)]
    public ulong R15;
}

/// <summary>The callee-saved part of a <see cref="RegisterDisplay"/>, kept while the walk passes the dispatcher's frames.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PreservedRegisters
{
    public ulong* Rbx;
    public ulong* Rbp;
    public ulong* R12;
    public ulong* R13;
    public ulong* R14;
    public ulong* R15;

    public static PreservedRegisters Of(in RegisterDisplay display) => new()
    {
        Rbx = display.Rbx,
        Rbp = display.Rbp,
        R12 = display.R12,
        R13 = display.R13,
        R14 = display.R14,
        R15 = display.R15,
    };

    public readonly void StoreTo(ref RegisterDisplay display)
    {
        display.Rbx = Rbx;
        display.Rbp = Rbp;
        display.R12 = R12;
        display.R13 = R13;
        display.R14 = R14;
        display.R15 = R15;
    }
}
