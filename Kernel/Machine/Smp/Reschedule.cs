using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;

namespace CosmosKernel.Machine.Smp;

/// <summary>Asks another CPU to run its scheduler.</summary>
public static unsafe class Reschedule
{
    /// <summary>
    /// Raises <see cref="Vectors.Reschedule"/> on CPU <paramref name="cpu"/>, below <see cref="Cpu.Count"/>; does not wait. Stores of this
    /// CPU before the call are visible there. Any context but NMI.
    /// </summary>
    public static void Send(int cpu)
    {
        CpuBlock* block = Cpu.Get(cpu);
        if (block != null)
        {
            LocalApic.Send(block->ApicId, Vectors.Reschedule);
        }
    }
}
