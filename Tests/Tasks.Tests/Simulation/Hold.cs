using System;

namespace CosmosKernel.Tasks.Tests.Simulation;

/// <summary>
/// A place where a test holds a CPU: the last of some steps that the CPU makes in this order, others but the taking of other locks in between. The CPU does what that step announces only when the condition holds.
/// </summary>
internal sealed class Hold(SimulatedMachine machine, (string What, string By)[] path, Func<bool> when, Func<bool> until)
{
    // By CPU: how many steps of the path it has made.
    private readonly int[] _progress = new int[machine.Cpus.Length];
    private long _reachedAt;
    private bool _isOver;

    /// <summary>A CPU came here.</summary>
    public bool IsReached { get; private set; }

    /// <summary>So many steps were made by all CPUs together since a CPU came here.</summary>
    public bool IsReachedSince(long steps) => IsReached && machine.Steps - _reachedAt >= steps;

    /// <summary>The CPU may go on; from the first time on that the condition held.</summary>
    public bool IsOver => _isOver |= until();

    /// <summary>A CPU is about to make a step.</summary>
    /// <returns>True when it is to be held here. Each hold holds once.</returns>
    public bool Sees(int cpu, string what, string by)
    {
        if (IsReached)
        {
            return false;
        }

        int progress = _progress[cpu];
        if (path[progress] == (what, by))
        {
            progress++;
        }
        else if (what == "lock")
        {
            // The path was another one.
            progress = path[0] == (what, by) ? 1 : 0;
        }

        if (progress == path.Length)
        {
            _progress[cpu] = 0;
            if (when())
            {
                IsReached = true;
                _reachedAt = machine.Steps;
                return true;
            }

            return false;
        }

        _progress[cpu] = progress;
        return false;
    }
}
