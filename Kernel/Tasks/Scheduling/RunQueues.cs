using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>The run queues of all CPUs that schedule. CPUs add theirs when they start, in any order and at the same time; none goes away, so readers need no lock.</summary>
public static class RunQueues
{
    [Protocol("The array is made at boot, before any element. Each element is stored once, with release, by the CPU that it belongs to; readers load it with acquire.")]
    private static RunQueue?[]? s_queues;

    [Atomic]
    private static RunQueue? s_only;

    [Atomic]
    private static int s_limit;

    [Atomic]
    private static int s_count;

    /// <summary>How many CPUs schedule.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>One more than the highest number of a CPU that schedules. While CPUs start, some below may not schedule yet.</summary>
    public static int Limit => Volatile.Read(ref s_limit);

    /// <summary>The run queue of the only CPU that schedules; null when there are several.</summary>
    internal static RunQueue? Only => Volatile.Read(ref s_only);

    /// <summary>All CPUs that schedule.</summary>
    public static CpuSet Online
    {
        get
        {
            CpuSet online = CpuSet.Empty;
            for (int cpu = 0; cpu < Limit; cpu++)
            {
                online |= Get(cpu) is null ? CpuSet.Empty : CpuSet.Of(cpu);
            }

            return online;
        }
    }

    /// <summary>The run queue of a CPU, or null when there is none or it does not schedule yet.</summary>
    [NoAllocation]
    public static RunQueue? Get(int cpu) => (uint)cpu < (uint)Limit ? Volatile.Read(ref s_queues![cpu]) : null;

    /// <summary>Makes room for every CPU. Once, before the first is added.</summary>
    internal static void Initialize() => s_queues = new RunQueue?[Cpu.Maximum];

    /// <summary>Locks two run queues, in the order of their CPU numbers. Interrupts are off; the caller releases both.</summary>
    /// <param name="one">A run queue.</param>
    /// <param name="other">Another one.</param>
    [Acquires("one.Lock")]
    [Acquires("other.Lock")]
    [NoAllocation]
    [SuppressMessage("Locking", "CKL005", Justification = "What it locks as the first and the second are one and other; the analyzer cannot see that.")]
    [SuppressMessage("Locking", "CKL006", Justification = "What it locks as the first and the second are one and other; the analyzer cannot see that.")]
    internal static void LockBoth(RunQueue one, RunQueue other)
    {
        (RunQueue first, RunQueue second) = one.Index < other.Index ? (one, other) : (other, one);
        first.Lock.AcquireWithInterruptsOff();
        second.Lock.AcquireWithInterruptsOff();
    }

    /// <summary>Adds the run queue of the CPU that calls this.</summary>
    internal static void Add(RunQueue queue)
    {
        // Whoever sees the limit or finds the element sees a queue that is complete.
        Volatile.Write(ref s_queues![queue.Index], queue);
        int limit = Limit;
        while (limit <= queue.Index)
        {
            int seen = Interlocked.CompareExchange(ref s_limit, queue.Index + 1, limit);
            limit = seen == limit ? queue.Index + 1 : seen;
        }

        // Last: whoever counts the CPUs and then asks which there are finds them all.
        Volatile.Write(ref s_only, Interlocked.Increment(ref s_count) == 1 ? queue : null);
    }
}
