using System.Runtime.InteropServices;
using CosmosKernel.Runtime.Threading;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// Walks the frames that an exception passes. CoreLib's dispatcher owns the memory and reads some fields, so their offsets
/// are CoreLib's (<c>AsmOffsets</c>); the other fields are ours.
/// </summary>
/// <remarks>
/// A funclet that the dispatcher has called is followed, on the stack, by the dispatcher's own frames. The walk does not go
/// through them: at the return label of a <c>catch</c> or <c>finally</c> call it continues from the frame whose funclet it was, as the
/// dispatch in progress (the next <see cref="ExInfo"/> on the thread's chain) knows it. That is a collided unwind.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 376)]
internal unsafe struct StackFrameIterator
{
    /// <summary>rbp of a method with clauses or of a funclet, else 0: tells CoreLib which frames are one activation.</summary>
    [FieldOffset(16)]
    public ulong FramePointer;

    /// <summary>An address inside the instruction that the frame is at: the return address less 1, or a faulting instruction. 0 past the last frame.</summary>
    [FieldOffset(24)]
    public ulong ControlPc;

    [FieldOffset(32)]
    public RegisterDisplay Registers;

    /// <summary>Where the registers are that the innermost funclet returns to the dispatcher.</summary>
    [FieldOffset(168)]
    public PreservedRegisters FuncletRegisters;

    /// <summary>The next dispatch in progress that the walk can collide with.</summary>
    [FieldOffset(216)]
    public ExInfo* NextExInfo;

    /// <summary>The return address, or the faulting instruction, unchanged.</summary>
    [FieldOffset(360)]
    public ulong OriginalControlPc;

    /// <summary>Set by CoreLib's transition frames; none exist here.</summary>
    [FieldOffset(368)]
    public nint PreviousTransitionFrame;

    /// <summary>Starts at <paramref name="context"/>. False if that is not in managed code.</summary>
    /// <param name="context">Registers at the throw.</param>
    /// <param name="atInstruction">Whether the context's address is a faulting instruction, not a return address.</param>
    public bool Start(LimitedContext* context, bool atInstruction)
    {
        this = default;
        Registers.Load(context);
        NextExInfo = ThreadState.ExInfoHead;
        SkipExInfosBelow(Registers.StackPointer);
        return Yield(atInstruction);
    }

    /// <summary>Goes to the caller's frame. False if there is none in managed code.</summary>
    /// <param name="collided">The dispatch in progress that the walk continued from, or null.</param>
    /// <param name="leftReversePInvoke">Whether the frame left was called by native code.</param>
    public bool Next(out ExInfo* collided, out bool leftReversePInvoke)
    {
        collided = null;
        leftReversePInvoke = false;
        if (!MethodInfo.TryFind(ControlPc, out MethodInfo method))
        {
            ControlPc = 0;
            return false;
        }

        if (method.IsReversePInvoke && !method.IsFunclet)
        {
            leftReversePInvoke = true;
        }

        bool funclet = method.IsFunclet;
        if (!Unwinder.TryStep(ref Registers, in method.Frame, ControlPc, ThreadState.StackBounds))
        {
            ControlPc = 0;
            return false;
        }

        CodeKind caller = RuntimeCode.Classify(Registers.InstructionPointer);
        if (funclet && caller is CodeKind.CatchCall or CodeKind.FinallyCall && NextExInfo != null)
        {
            collided = NextExInfo;
            ContinueFrom(collided);
            return true;
        }

        while (caller is CodeKind.FilterCall or CodeKind.DispatchResolve)
        {
            if (!RuntimeCode.TryStep(ref Registers, caller, ThreadState.StackBounds))
            {
                break;
            }

            caller = RuntimeCode.Classify(Registers.InstructionPointer);
        }

        return Yield(atInstruction: false);
    }

    // The frame whose funclet ran is where the other dispatch's iterator stands; the callee-saved registers are the funclet's.
    private void ContinueFrom(ExInfo* dispatch)
    {
        PreservedRegisters funcletRegisters = PreservedRegisters.Of(in Registers);
        this = dispatch->Iterator;
        FuncletRegisters = funcletRegisters;
        funcletRegisters.StoreTo(ref Registers);
        NextExInfo = ThreadState.ExInfoHead;
        SkipExInfosBelow(Registers.StackPointer);
    }

    private void SkipExInfosBelow(ulong stackPointer)
    {
        while (NextExInfo != null && stackPointer > (ulong)NextExInfo)
        {
            NextExInfo = NextExInfo->Previous;
        }
    }

    private bool Yield(bool atInstruction)
    {
        OriginalControlPc = Registers.InstructionPointer;
        ControlPc = atInstruction ? OriginalControlPc : OriginalControlPc - 1;
        if (!MethodInfo.TryFind(ControlPc, out MethodInfo method))
        {
            ControlPc = 0;
            return false;
        }

        FramePointer = method.HasFramePointer ? *Registers.Rbp : 0;
        return true;
    }
}
