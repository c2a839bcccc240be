using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Locking.Validation;

/// <summary>
/// The innermost calls of a moment: return addresses, innermost first, 0 where there are no more. Taken from the chain of frame pointers, which costs a few loads a call.
/// </summary>
[InlineArray(Frames)]
internal struct CallTrace
{
    /// <summary>The most calls that are kept: enough to leave the lock's own methods and see who took it for whom.</summary>
    public const int Frames = 6;

    private ulong _first;

    /// <summary>The calls that lead here. Interrupts are off.</summary>
    /// <param name="framePointer">RBP of the innermost function that is to be seen.</param>
    public static unsafe CallTrace Capture(ulong framePointer)
    {
        CallTrace trace = default;
        CpuBlock* cpu = Cpu.Current;
        ThreadBlock* thread = cpu->CurrentThread;
        ulong low = 0;
        ulong high = 0;
        if (cpu->InterruptDepth != 0)
        {
            low = cpu->InterruptStackLow;
            high = cpu->InterruptStackTop;
        }
        else if (thread != null)
        {
            low = thread->StackLow;
            high = thread->StackHigh;
        }

        // Whatever a register held when code without frames ran: only words of this stack are read, and always upwards.
        ulong frame = framePointer;
        for (int i = 0; i < Frames && frame >= low && frame + 16 <= high && (frame & 7) == 0; i++)
        {
            ulong* words = (ulong*)frame;
            trace[i] = words[1];
            if (words[0] <= frame)
            {
                break;
            }

            frame = words[0];
        }

        return trace;
    }
}
