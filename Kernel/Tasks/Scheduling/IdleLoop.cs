using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>What a CPU does when it has nothing to do: looks for work elsewhere, then halts until an interrupt. No tick runs meanwhile.</summary>
internal static class IdleLoop
{
    /// <summary>Runs for ever, as the CPU's idle task.</summary>
    [DoesNotReturn]
    public static void Run()
    {
        while (true)
        {
            Once();
        }
    }

    /// <summary>One round: switches if there is a task, takes one from elsewhere if there is none, halts if there is none anywhere.</summary>
    internal static void Once()
    {
        ulong flags = InterruptFlag.Disable();
        RunQueue queue = RunQueue.Current;
        if (LocalCpu.DeferredPending)
        {
            // Asked for where interrupts went on without a look at it; no interrupt may come for a long time.
            queue.Deferred.Serve();
        }

        // Before the queue is looked at: who queues a task after our look sees the bit or sends an interrupt, and HLT ends at once.
        IdleCpus.Add(queue.Index);
        if (queue.Count != 0 || LocalCpu.NeedResched || Balancer.Pull(queue))
        {
            IdleCpus.Remove(queue.Index);
            Scheduler.Switch(SwitchReason.Blocked);
            InterruptFlag.Restore(flags);
            return;
        }

        CpuInstructions.EnableInterruptsAndHalt();
        InterruptFlag.Restore(flags);
    }
}
