using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// The stacks on which CPUs other than the boot CPU start, and on which their idle threads stay: in the second half of the
/// <see cref="MachineArea"/>, each above an unmapped gap, with the thread's block at the top.
/// </summary>
internal static unsafe class StartupStacks
{
    /// <summary>Bytes of one stack, the thread's block included.</summary>
    internal const ulong StackBytes = 65536;

    private const ulong Base = MachineArea.Base + (MachineArea.Bytes / 2);
    private const ulong Slot = StackBytes * 2;
    private const ulong PageBytes = 4096;

    /// <summary>Maps the stack of a CPU and puts its thread on the list of threads. Null when memory ran out; what was mapped by then stays mapped.</summary>
    internal static ThreadBlock* Create(int cpu, delegate*<ulong> allocateFrame)
    {
        ulong low = Base + ((ulong)cpu * Slot) + (Slot - StackBytes);
        for (ulong offset = 0; offset < StackBytes; offset += PageBytes)
        {
            ulong frame = allocateFrame();
            if (frame == 0 || !PageTables.Map(low + offset, frame, PageRights.Read | PageRights.Write | PageRights.Global))
            {
                return null;
            }
        }

        var thread = (ThreadBlock*)(low + StackBytes - ThreadBlock.Bytes);
        thread->StackLow = (nuint)low;
        thread->StackHigh = (nuint)thread;
        ThreadList.Add(thread);
        return thread;
    }
}
