using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// Walks a stack from the inside out, frame by frame, whatever its state: for panics, lock reports and profiles.
/// </summary>
/// <remarks>
/// Any context. Nothing is allocated, thrown or locked, and no address is read that is not in one of the given stack ranges, so a
/// damaged stack ends the walk and never faults. The walk shows what is physically there: the dispatcher's frames included when an
/// exception is being dispatched, and it goes on through interrupt frames to the code that was interrupted.
/// </remarks>
public unsafe struct StackWalker
{
    private RegisterDisplay _display;
    private PreservedValues _values;
    private StackBounds _bounds;
    private StackBounds _outerBounds;
    private bool _atInstruction;

    /// <summary>Starts at a frame of which only three registers are known.</summary>
    /// <param name="instructionPointer">Where the frame stands: an instruction, not a return address.</param>
    /// <param name="stackPointer">Its stack pointer.</param>
    /// <param name="framePointer">Its rbp.</param>
    /// <param name="bounds">The stack that it is on.</param>
    /// <param name="outerBounds">The stack that an interrupt frame on it may lead to; empty if none.</param>
    public StackWalker(ulong instructionPointer, ulong stackPointer, ulong framePointer, StackBounds bounds, StackBounds outerBounds)
    {
        _values = default;
        _values.Rbp = framePointer;
        _display = default;
        _display.InstructionPointer = instructionPointer;
        _display.StackPointer = stackPointer;
        _bounds = bounds;
        _outerBounds = outerBounds;
        _atInstruction = true;
    }

    /// <summary>Starts in the frame that called <c>ContextSwitch</c>, of a thread that is not running and is kept from running.</summary>
    /// <param name="savedStackPointer">What the switch saved: r15, r14, r13, r12, rbp, rbx and the return address are there.</param>
    /// <param name="bounds">Its stack.</param>
    /// <param name="walker">The walk.</param>
    /// <returns>False if the stack does not hold them.</returns>
    public static bool TryStartAtSwitch(ulong savedStackPointer, StackBounds bounds, out StackWalker walker)
    {
        const int savedBytes = 7 * sizeof(ulong);
        walker = default;
        if (!bounds.ContainsSlot(savedStackPointer) || !bounds.ContainsSlot(savedStackPointer + savedBytes - sizeof(ulong)))
        {
            return false;
        }

        var saved = (ulong*)savedStackPointer;
        walker._values = new PreservedValues { R15 = saved[0], R14 = saved[1], R13 = saved[2], R12 = saved[3], Rbp = saved[4], Rbx = saved[5] };
        walker._display.InstructionPointer = saved[6];
        walker._display.StackPointer = savedStackPointer + savedBytes;
        walker._bounds = bounds;
        return true;
    }

    /// <summary>The frame's address: the instruction it stands at, or the return address less 1, which is inside the call.</summary>
    public readonly ulong Address => _atInstruction ? _display.InstructionPointer : _display.InstructionPointer - 1;

    /// <summary>The frame's stack pointer.</summary>
    public readonly ulong StackPointer => _display.StackPointer;

    /// <summary>Goes to the caller. False at the outermost frame, or where the stack cannot be followed.</summary>
    [NoAllocation]
    public bool MoveNext()
    {
        // A display points to where values are. Between steps the values themselves are kept, so that the struct may be moved.
        fixed (PreservedValues* values = &_values)
        {
            PointTo(values);
            bool moved = Step(values);
            *values = new PreservedValues
            {
                Rbx = *_display.Rbx,
                Rbp = *_display.Rbp,
                R12 = *_display.R12,
                R13 = *_display.R13,
                R14 = *_display.R14,
                R15 = *_display.R15,
            };
            return moved;
        }
    }

    private bool Step(PreservedValues* values)
    {
        if (MethodInfo.TryFind(Address, out MethodInfo method))
        {
            _atInstruction = false;
            return Unwinder.TryStep(ref _display, in method.Frame, Address, _bounds) && IsCode(_display.InstructionPointer);
        }

        CodeKind kind = RuntimeCode.Classify(_display.InstructionPointer);
        if (kind == CodeKind.Interrupt)
        {
            return StepInterrupt(values);
        }

        if (kind != CodeKind.Other)
        {
            bool hardware = kind == CodeKind.ThrowSite;
            _atInstruction = false;
            return RuntimeCode.TryStep(ref _display, kind, _bounds) && (hardware || IsCode(_display.InstructionPointer));
        }

        // A leaf helper in X# (a lock instruction, a copy): its return address is on top of the stack.
        if (_atInstruction && _bounds.ContainsSlot(_display.StackPointer))
        {
            ulong returnAddress = *(ulong*)_display.StackPointer;
            if (MethodInfo.TryFind(returnAddress - 1, out _))
            {
                _atInstruction = false;
                _display.InstructionPointer = returnAddress;
                _display.StackPointer += 8;
                return true;
            }
        }

        return false;
    }

    // Goes on in the interrupted code, which may be on the other stack.
    private bool StepInterrupt(PreservedValues* values)
    {
        if (!RuntimeCode.TryGetInterruptFrame(in _display, in _bounds, in _outerBounds, out InterruptFrame* frame) || (frame->Cs & 3) != 0)
        {
            return false;
        }

        if (!_bounds.ContainsSlot(frame->Rsp & ~7ul) && _outerBounds.ContainsSlot(frame->Rsp & ~7ul))
        {
            _bounds = _outerBounds;
            _outerBounds = default;
        }

        *values = new PreservedValues
        {
            Rbx = frame->Rbx,
            Rbp = frame->Rbp,
            R12 = frame->R12,
            R13 = frame->R13,
            R14 = frame->R14,
            R15 = frame->R15,
        };
        PointTo(values);
        _display.StackPointer = frame->Rsp;
        _display.InstructionPointer = frame->Rip;
        _atInstruction = true;
        return true;
    }

    private void PointTo(PreservedValues* values)
    {
        _display.Rbx = &values->Rbx;
        _display.Rbp = &values->Rbp;
        _display.R12 = &values->R12;
        _display.R13 = &values->R13;
        _display.R14 = &values->R14;
        _display.R15 = &values->R15;
    }

    private static bool IsCode(ulong address) => CodeImages.IsText(address);

    private struct PreservedValues
    {
        public ulong Rbx;
        public ulong Rbp;
        public ulong R12;
        public ulong R13;
        public ulong R14;
        public ulong R15;
    }
}
