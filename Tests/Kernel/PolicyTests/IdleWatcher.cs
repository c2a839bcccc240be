using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Policies;

/// <summary>
/// Looks every 50 microseconds, from the clock's interrupt of one CPU, at the others: for how long did one run nothing while at each look a task waited in another's queue that it
/// may run? A switch between two looks begins anew. Where the processors take turns and time counts instructions, that is exact but for the time between two looks.
/// </summary>
internal sealed class IdleWatcher : KernelTimer
{
    private const ulong Interval = 50_000;

    private readonly CpuSet _watched;

    // The tasks whose waiting counts; each slot is set by one task.
    [Atomic]
    private readonly TaskStruct?[] _tasks;

    [Protocol("The handler's own: it runs on one CPU only.")]
    private readonly ulong[] _since;

    [Protocol("The handler's own: it runs on one CPU only.")]
    private readonly long[] _switches;

    private readonly bool _ignoresAffinity;

    [Atomic]
    private ulong _longest;

    [Atomic]
    private long _looks;

    [Atomic]
    private long _idle;

    /// <summary>Makes a watcher, which begins with <see cref="Begin"/>.</summary>
    /// <param name="watched">The CPUs that are looked at.</param>
    /// <param name="tasks">How many tasks it can know.</param>
    /// <param name="ignoresAffinity">Counts a task as one that any CPU may run: to see that the watcher finds out a CPU that idles.</param>
    public IdleWatcher(CpuSet watched, int tasks, bool ignoresAffinity = false)
    {
        _watched = watched;
        _tasks = new TaskStruct?[tasks];
        _since = new ulong[RunQueues.Limit];
        _switches = new long[RunQueues.Limit];
        _ignoresAffinity = ignoresAffinity;
    }

    /// <summary>The longest time that a CPU ran nothing while a task waited that it may run, nanoseconds.</summary>
    public ulong Longest => Volatile.Read(ref _longest);

    /// <summary>Looks at one CPU so far.</summary>
    public long Looks => Volatile.Read(ref _looks);

    /// <summary>Those of them at which the CPU ran nothing.</summary>
    public long Idle => Volatile.Read(ref _idle);

    /// <summary>From now on the waiting of a task counts.</summary>
    /// <param name="slot">Its slot; what was there does not count any more.</param>
    /// <param name="task">The task.</param>
    public void Watch(int slot, TaskStruct task) => Volatile.Write(ref _tasks[slot], task);

    /// <summary>Begins to look, on the CPU that calls, until it is cancelled.</summary>
    public void Begin(ulong now) => Start(now + Interval);

    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnExpired(ulong now)
    {
        for (int cpu = _watched.First; cpu >= 0; cpu = _watched.Next(cpu))
        {
            RunQueue queue = RunQueues.Get(cpu)!;
            long switches = queue.Switches;
            bool idles = ReferenceEquals(queue.Running, queue.Idle);
            Interlocked.Increment(ref _looks);
            Interlocked.Add(ref _idle, idles ? 1 : 0);
            if (!idles || !SomebodyWaitsFor(cpu))
            {
                _since[cpu] = 0;
                continue;
            }

            if (_since[cpu] == 0 || _switches[cpu] != switches)
            {
                _since[cpu] = now;
                _switches[cpu] = switches;
            }

            Volatile.Write(ref _longest, Math.Max(Volatile.Read(ref _longest), now - _since[cpu]));
        }

        Start(now + Interval);
    }

    private bool SomebodyWaitsFor(int cpu)
    {
        for (int i = 0; i < _tasks.Length; i++)
        {
            if (Volatile.Read(ref _tasks[i]) is { } task && task.IsQueued && !task.IsOnCpu && task.State == TaskState.Runnable
                && (_ignoresAffinity || task.Affinity.Contains(cpu)))
            {
                return true;
            }
        }

        return false;
    }
}
