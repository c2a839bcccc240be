using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>What a return address that is not in compiled C# belongs to.</summary>
internal enum CodeKind
{
    /// <summary>Compiled C#, or unknown.</summary>
    Other,

    /// <summary>The call of a catch funclet by the dispatcher.</summary>
    CatchCall,

    /// <summary>The call of a finally or fault funclet.</summary>
    FinallyCall,

    /// <summary>The call of a filter.</summary>
    FilterCall,

    /// <summary>The call of CoreLib's dispatcher by the code that throws.</summary>
    ThrowSite,

    /// <summary>The call of CoreLib's method resolver by an interface dispatch.</summary>
    DispatchResolve,

    /// <summary>The call of an interrupt or exception handler by the interrupt entries.</summary>
    Interrupt,
}

/// <summary>
/// Knows the stack frames of the X# routines that call C#. They carry no unwind tables: there are few, their frames are
/// fixed, and their layouts (offsets below) are part of <c>Exceptions.xs</c> and <c>Dispatch.xs</c>.
/// </summary>
internal static unsafe class RuntimeCode
{
    // Frame sizes, in bytes from rsp at the return label up to the six saved registers rbp, rbx, r12 to r15.
    private const ulong CatchLocals = 40;
    private const ulong FinallyLocals = 24;
    private const ulong FilterLocals = 8;

    // At the return label of the throw sites rsp points to the ExInfo; the context follows it.
    private const ulong ThrowContext = 416;

    // At the return label of the resolver: argument registers, then the return address.
    private const ulong ResolveReturnAddress = 0xC8;

    /// <summary>Says what a return address belongs to.</summary>
    public static CodeKind Classify(ulong returnAddress)
    {
        if (returnAddress == RhpCallCatchFuncletReturn())
        {
            return CodeKind.CatchCall;
        }

        if (returnAddress == RhpCallFinallyFuncletReturn())
        {
            return CodeKind.FinallyCall;
        }

        if (returnAddress == RhpCallFilterFuncletReturn())
        {
            return CodeKind.FilterCall;
        }

        if (returnAddress == RhpThrowReturn())
        {
            return CodeKind.ThrowSite;
        }

        if (returnAddress == RhpDispatchResolveReturn())
        {
            return CodeKind.DispatchResolve;
        }

        return RuntimeImage.IsInterruptEntry(returnAddress) ? CodeKind.Interrupt : CodeKind.Other;
    }

    /// <summary>Steps from the routine of the given kind to its caller. False, with the display unchanged, if the stack does not hold the frame.</summary>
    public static bool TryStep(ref RegisterDisplay display, CodeKind kind, in StackBounds bounds)
    {
        ulong frame = display.StackPointer;
        switch (kind)
        {
            case CodeKind.CatchCall:
                return TryStepSaved(ref display, frame + CatchLocals, bounds);
            case CodeKind.FinallyCall:
                return TryStepSaved(ref display, frame + FinallyLocals, bounds);
            case CodeKind.FilterCall:
                return TryStepSaved(ref display, frame + FilterLocals, bounds);
            case CodeKind.ThrowSite:
                frame += ThrowContext;
                if (!bounds.ContainsSlot(frame) || !bounds.ContainsSlot(frame + (ulong)sizeof(LimitedContext) - 8))
                {
                    return false;
                }

                display.Load((LimitedContext*)frame);
                return true;
            case CodeKind.DispatchResolve:
                frame += ResolveReturnAddress;
                if (!bounds.ContainsSlot(frame))
                {
                    return false;
                }

                display.InstructionPointer = *(ulong*)frame;
                display.StackPointer = frame + 8;
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// The registers that an interrupt entry saved, if rbx (at a return address in the entry) points to a whole frame on one of the stacks.
    /// </summary>
    public static bool TryGetInterruptFrame(in RegisterDisplay display, in StackBounds bounds, in StackBounds outerBounds, out InterruptFrame* frame)
    {
        frame = (InterruptFrame*)*display.Rbx;
        return IsWhole(bounds, frame) || IsWhole(outerBounds, frame);
    }

    private static bool IsWhole(in StackBounds bounds, InterruptFrame* frame) =>
        bounds.ContainsSlot((ulong)frame) && bounds.ContainsSlot((ulong)(frame + 1) - 8);

    // rbp, rbx, r12 to r15 and the return address, in this order from `saved` up.
    private static bool TryStepSaved(ref RegisterDisplay display, ulong saved, in StackBounds bounds)
    {
        if (!bounds.ContainsSlot(saved) || !bounds.ContainsSlot(saved + 48))
        {
            return false;
        }

        ulong* slots = (ulong*)saved;
        display.Rbp = slots;
        display.Rbx = slots + 1;
        display.R12 = slots + 2;
        display.R13 = slots + 3;
        display.R14 = slots + 4;
        display.R15 = slots + 5;
        display.InstructionPointer = slots[6];
        display.StackPointer = saved + 56;
        return true;
    }

    [RuntimeImport("RhpGetCallCatchFuncletReturn")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong RhpCallCatchFuncletReturn();

    [RuntimeImport("RhpGetCallFinallyFuncletReturn")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong RhpCallFinallyFuncletReturn();

    [RuntimeImport("RhpGetCallFilterFuncletReturn")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong RhpCallFilterFuncletReturn();

    [RuntimeImport("RhpGetThrowReturn")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong RhpThrowReturn();

    [RuntimeImport("RhpGetDispatchResolveReturn")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong RhpDispatchResolveReturn();
}
