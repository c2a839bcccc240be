using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;

namespace CosmosKernel.Machine;

/// <summary>
/// Stops all other CPUs at whatever instruction they are, interrupts off or not, by NMI: each leaves its registers where <see cref="CpuBlock.StoppedFrame"/>
/// says and spins until the world goes on. One CPU at a time may stop the world; the caller sees to that.
/// </summary>
/// <remarks>
/// While the world is stopped the caller must take no lock that a stopped CPU may hold, and wait for nothing that needs another CPU.
/// </remarks>
public static unsafe class WorldStop
{
    [Atomic]
    private static int s_stopping;

    [Protocol("A word for each CPU: the stopping CPU sets it before it sends the NMI, the stopped one clears it when its registers are saved; all accesses are volatile.")]
    private static ExpectedTable s_expected;

    /// <summary>True from the first NMI of a stop until the world goes on.</summary>
    public static bool InProgress => Volatile.Read(ref s_stopping) != 0;

    /// <summary>Takes the NMI. Boot CPU, once, before other CPUs start.</summary>
    [BeforePublication]
    public static void Initialize() => InterruptTable.SetNmiHandler(&OnNmi);

    /// <summary>Stops the others, and returns when all have saved their registers. Interrupts are off and stay off until <see cref="Resume"/>.</summary>
    [InterruptContext]
    public static void Stop()
    {
        // A CPU that has not left the last stop yet would take the new one for the old one.
        WaitUntilAllRun();

        // A full fence, which pairs with the one in WaitWhileStopped: a CPU that joins either is seen below, or sees this.
        Interlocked.Exchange(ref s_stopping, 1);
        int here = Cpu.CurrentIndex;
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            if (cpu != here && CallFunction.IsReady(cpu))
            {
                Volatile.Write(ref s_expected[cpu], 1);
                LocalApic.SendNmi(Cpu.Get(cpu)->ApicId);
            }
        }

        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            if (cpu == here)
            {
                continue;
            }

            // Only CPUs that were sent an NMI are waited for: one that joins now waits by itself.
            while (Volatile.Read(ref s_expected[cpu]) == 1)
            {
                CpuInstructions.Pause();
            }
        }
    }

    /// <summary>Lets the others go on. It does not wait for them.</summary>
    [InterruptContext]
    public static void Resume() => Volatile.Write(ref s_stopping, 0); // Releases what the stop changed to the reads in OnNmi.

    /// <summary>
    /// A CPU that has just become known, and so may have been missed by a stop that is under way, waits here for its end. It holds no references yet.
    /// </summary>
    internal static void WaitWhileStopped()
    {
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref s_stopping) != 0)
        {
            CpuInstructions.Pause();
        }
    }

    private static bool OnNmi(InterruptFrame* frame)
    {
        CpuBlock* self = Cpu.Current;
        ref int expected = ref s_expected[(int)self->Index];
        if (Volatile.Read(ref expected) == 0)
        {
            return false;
        }

        // The frame is in place before the stopping CPU sees that this one has arrived.
        Volatile.Write(ref self->StoppedFrame, (nuint)frame);
        Volatile.Write(ref expected, 0);
        while (Volatile.Read(ref s_stopping) != 0)
        {
            if (Panic.InProgress)
            {
                Panic.TryStop(frame);
            }

            CpuInstructions.Pause();
        }

        Volatile.Write(ref self->StoppedFrame, 0);
        return true;
    }

    private static void WaitUntilAllRun()
    {
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            while (Volatile.Read(ref Cpu.Get(cpu)->StoppedFrame) != 0)
            {
                CpuInstructions.Pause();
            }
        }
    }

    [InlineArray(Cpu.Maximum)]
    private struct ExpectedTable
    {
        private int _first;
    }
}
