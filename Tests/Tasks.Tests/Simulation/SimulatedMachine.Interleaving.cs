using System;
using System.Collections.Generic;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Tests.Simulation;

// Interleavings by construction, and what must hold in every one.
internal sealed partial class SimulatedMachine
{
    /// <summary>No CPU idles for longer than this while a task waits that it may run, nanoseconds.</summary>
    public const ulong LongestIdleWhileOthersWait = 4_000_000;

    private const ulong IdleCheckInterval = 50_000;

    private readonly List<Hold> _holds = [];
    private ulong _nextIdleCheck;
    private bool _isObserved;

    /// <summary>The longest time that a CPU idled while a task waited that it may run, nanoseconds.</summary>
    public ulong LongestWaste { get; private set; }

    /// <summary>Steps made so far.</summary>
    public long Steps => _steps;

    /// <summary>A simulation runs, on the thread of the host that asks.</summary>
    public static bool IsRunningHere => Instance is { Over: false, Active: not null };

    /// <summary>Holds the first CPU that makes these steps, before the last one.</summary>
    /// <param name="path">What is done and by which member, see <see cref="Step"/>.</param>
    /// <param name="when">Holds only then; looks only, makes no step.</param>
    /// <param name="until">The CPU goes on when this holds.</param>
    public Hold HoldAt((string What, string By)[] path, Func<bool> when, Func<bool> until)
    {
        Hold hold = new(this, path, when, until);
        _holds.Add(hold);
        return hold;
    }

    /// <summary>Looks at the kernel's state without making steps.</summary>
    public T Observe<T>(Func<T> look)
    {
        bool before = _isObserved;
        _isObserved = true;
        try
        {
            return look();
        }
        finally
        {
            _isObserved = before;
        }
    }

    private void HoldIfWanted(string what, string by)
    {
        foreach (Hold hold in _holds)
        {
            if (Observe(() => hold.Sees(Active.Index, what, by)))
            {
                SimulatedCpu cpu = Active;
                cpu.Hold = hold;
                while (IsHeld(cpu))
                {
                    LetAnotherGoOn();
                }

                cpu.Hold = null;
                return;
            }
        }
    }

    private bool IsHeld(SimulatedCpu cpu) => cpu.Hold is { } hold && !Observe(() => hold.IsOver);

    // A CPU that halts, and a task that is queued elsewhere, runs nowhere, and may run there: for how long?
    private void CheckIdleCpus()
    {
        if (Now < _nextIdleCheck || Observe(() => RunQueues.Count) < Cpus.Length)
        {
            return;
        }

        _nextIdleCheck = Now + IdleCheckInterval;
        foreach (SimulatedCpu cpu in Cpus)
        {
            if (cpu.Hold is not null || !cpu.Halted || !Observe(() => SomebodyWaitsFor(cpu.Index)))
            {
                cpu.WastesSince = Now;
                continue;
            }

            LongestWaste = Math.Max(LongestWaste, Now - cpu.WastesSince);
            if (LongestWaste > LongestIdleWhileOthersWait)
            {
                Fail(new SimulationFailedException($"CPU {cpu.Index} idles for {LongestWaste} ns while a task waits that it may run: {Describe()}"));
            }
        }
    }

    private static bool SomebodyWaitsFor(int cpu)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (task.IsQueued && !task.IsOnCpu && task.State == TaskState.Runnable && task.AllowedCpus.Contains(cpu))
            {
                return true;
            }
        }

        return false;
    }
}
