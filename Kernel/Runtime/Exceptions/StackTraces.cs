using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Runtime.Threading;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>Stack traces: those that CoreLib asks for (<c>Environment.StackTrace</c>), and those of panics.</summary>
internal static unsafe class StackTraces
{
    private const int MaximumPanicLines = 48;
    private const ulong OverflowReach = 64 * 1024;

    /// <summary>Makes panics use the unwind tables.</summary>
    [BeforePublication]
    public static void Install() => Panic.SetBacktrace(&WriteBacktrace);

    // Returns the number of frames, negated if the buffer was too small for all. Frames below `firstFrame` (the asking code) are left out.
    [RuntimeExport("RhpGetCurrentThreadStackTrace")]
    private static int GetCurrent(nint* buffer, uint length, nuint firstFrame)
    {
        LimitedContext context;
        CaptureContext(&context);
        StackFrameIterator iterator = default;
        int count = 0;
        bool fits = true;
        for (bool valid = iterator.Start(&context, atInstruction: false); valid; valid = iterator.Next(out _, out bool left) && !left)
        {
            if (iterator.Registers.StackPointer <= firstFrame)
            {
                continue;
            }

            if ((uint)count < length)
            {
                buffer[count] = (nint)iterator.OriginalControlPc;
            }
            else
            {
                fits = false;
            }

            count++;
        }

        return fits ? count : -count;
    }

    // The panic has written the first frame if it knew it (instruction != 0).
    private static void WriteBacktrace(ulong instruction, ulong stack, ulong frame)
    {
        StackBounds bounds = BoundsOf(stack, out StackBounds outer);
        ulong skipBelow = 0;
        if (instruction == 0)
        {
            LimitedContext context;
            CaptureContext(&context);
            skipBelow = stack;
            instruction = context.Rip;
            stack = context.Rsp;
            frame = context.Rbp;
        }

        // A recursion that overflowed the stack is one line with a count, so that its beginning is seen too.
        var walker = new StackWalker(instruction, stack, frame, bounds, outer);
        ulong last = instruction;
        ulong repeated = 0;
        for (int lines = 0; lines < MaximumPanicLines && walker.MoveNext();)
        {
            if (walker.StackPointer <= skipBelow)
            {
                continue;
            }

            if (walker.Address == last)
            {
                repeated++;
                continue;
            }

            WriteRepeated(ref repeated);
            last = walker.Address;
            SymbolWriter.WriteFrame(last);
            lines++;
        }

        WriteRepeated(ref repeated);
    }

    private static void WriteRepeated(ref ulong repeated)
    {
        if (repeated != 0)
        {
            EarlyConsole.Write("    ... and "u8);
            EarlyConsole.WriteDecimal(repeated);
            EarlyConsole.Write(" more calls from there\n"u8);
            repeated = 0;
        }
    }

    private static StackBounds BoundsOf(ulong stack, out StackBounds outer)
    {
        outer = default;
        CpuBlock* cpu = Cpu.Current;
        ThreadBlock* thread = ThreadState.Current;
        StackBounds threadBounds = thread != null ? new StackBounds(thread->StackLow, thread->StackHigh) : default;

        // A stack that overflowed ends in the guard below it; its frames are above.
        if (stack >= threadBounds.Low - OverflowReach && stack < threadBounds.High)
        {
            return threadBounds;
        }

        outer = threadBounds;
        if (stack >= cpu->InterruptStackLow && stack < cpu->InterruptStackTop)
        {
            return new StackBounds(cpu->InterruptStackLow, cpu->InterruptStackTop);
        }

        // NMI, double fault, machine check and debug have a stack each; the word above its top is the way to the CPU's block.
        for (int i = 0; i < DescriptorTables.FaultStacks; i++)
        {
            ulong top = cpu->FaultStackTop[i];
            ulong low = top + 16 - DescriptorTables.StackBytes;
            if (stack >= low && stack < top)
            {
                return new StackBounds(low, top);
            }
        }

        return default;
    }

    [RuntimeImport("RhpCaptureContext")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void CaptureContext(LimitedContext* context);
}
