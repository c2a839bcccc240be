using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>
/// The load: tasks that run or wait for a CPU, and threads of processes that sleep uninterruptibly (the kernel's own do when they have nothing to do), averaged over 1, 5 and 15 minutes with exponential decay, from a count every 5 seconds (proc(5), loadavg). In fixed point with 11 bits behind the point.
/// </summary>
public static class LoadAverage
{
    /// <summary>Bits behind the point.</summary>
    public const int Shift = 11;

    /// <summary>1.0.</summary>
    public const ulong One = 1UL << Shift;

    private const ulong Interval = 5_000_000_000;

    [Atomic]
    private static readonly ulong[] s_averages = new ulong[3];

    // One / exp(5 s / 1 min), 5 min, 15 min.
    private static System.ReadOnlySpan<ulong> Decays => [1884, 2014, 2037];

    /// <summary>Starts the counting. Once, at boot.</summary>
    [MightSleep]
    public static void Start() => KernelTask.Start(new TaskOptions { Name = "loadavg", Detached = true }, Run);

    /// <summary>An average, in units of 1 / <see cref="One"/>. Any context.</summary>
    /// <param name="index">0: 1 minute, 1: 5 minutes, 2: 15 minutes.</param>
    public static ulong Get(int index) => Volatile.Read(ref s_averages[index]);

    /// <summary>The next average, after one more count. Rising averages are rounded up, so that they reach the load.</summary>
    /// <param name="average">The one before.</param>
    /// <param name="decay">What is left of it, in units of 1 / <see cref="One"/>.</param>
    /// <param name="active">The tasks counted.</param>
    public static ulong Next(ulong average, ulong decay, ulong active)
    {
        ulong load = active * One;
        ulong sum = (average * decay) + (load * (One - decay));
        return (load >= average ? sum + One - 1 : sum) / One;
    }

    /// <summary>Tasks that run or wait for a CPU now, this one included.</summary>
    public static int CountRunnable()
    {
        int count = 0;
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            count += queue.Count;
        }

        return count;
    }

    [MightSleep]
    private static void Run()
    {
        while (KernelTask.Sleep(Interval))
        {
            // Without this task itself.
            ulong active = (ulong)System.Math.Max(CountRunnable() - 1, 0);
            for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
            {
                active += (task.State is TaskState.Uninterruptible or TaskState.Killable) && task.Signals is UserThread ? 1u : 0;
            }

            for (int i = 0; i < s_averages.Length; i++)
            {
                Volatile.Write(ref s_averages[i], Next(Volatile.Read(ref s_averages[i]), Decays[i], active));
            }
        }
    }
}
