using System;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console.Commands;

/// <summary>What the tasks do that <c>spawn</c> starts. Each runs until it is killed.</summary>
internal static class ExampleTasks
{
    private const ulong Millisecond = 1_000_000;
    private const int KeptObjects = 64;
    private const int LargestObject = 4096;

    /// <summary>Computes all the time.</summary>
    public static void Busy()
    {
        while (!KernelTask.Current.IsKilled)
        {
            Compute(Millisecond);
        }
    }

    /// <summary>Sleeps most of the time.</summary>
    public static void Sleeper()
    {
        while (true)
        {
            KernelTask.Sleep(100 * Millisecond);
            Compute(Millisecond);
        }
    }

    /// <summary>Lets others run all the time.</summary>
    public static void Yielder()
    {
        while (!KernelTask.Current.IsKilled)
        {
            KernelTask.Yield();
        }
    }

    /// <summary>Makes garbage all the time; a few objects live a while.</summary>
    public static void Allocating()
    {
        byte[][] kept = new byte[KeptObjects][];
        var random = new Random(KernelTask.Current.Pid);
        for (int i = 0; !KernelTask.Current.IsKilled; i = (i + 1) % KeptObjects)
        {
            kept[i] = new byte[random.Next(LargestObject)];
        }
    }

    /// <summary>Uses the CPU until that much time has passed on the clock.</summary>
    public static void Compute(ulong nanoseconds)
    {
        ulong end = Clock.MonotonicNanoseconds + nanoseconds;
        while (Clock.MonotonicNanoseconds < end)
        {
        }
    }
}
