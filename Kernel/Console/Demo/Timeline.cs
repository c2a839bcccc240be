using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Demo;

/// <summary>Which task each CPU ran when, from the switches that were recorded.</summary>
/// <param name="cpus">CPUs, numbered from 0.</param>
[TaskPrivate]
public sealed class Timeline(int cpus)
{
    /// <summary>Stands for a time about which nothing was recorded.</summary>
    public const int Unknown = -1;

    private readonly List<SwitchRecord>[] _switches = Array.ConvertAll(new int[cpus], _ => new List<SwitchRecord>());

    /// <summary>CPUs.</summary>
    public int Cpus => _switches.Length;

    /// <summary>Adds switches of a CPU, in the order of time.</summary>
    public void Add(int cpu, ReadOnlySpan<SwitchRecord> records)
    {
        foreach (SwitchRecord record in records)
        {
            _switches[cpu].Add(record);
        }
    }

    /// <summary>Forgets what was before a time, but not what ran then.</summary>
    /// <param name="time">Nanoseconds on the monotonic clock.</param>
    public void ForgetBefore(ulong time)
    {
        foreach (List<SwitchRecord> switches in _switches)
        {
            int old = 0;
            while (old + 1 < switches.Count && switches[old + 1].Time <= time)
            {
                old++;
            }

            switches.RemoveRange(0, old);
        }
    }

    /// <summary>The task that had most of each of a row of equal spans of time.</summary>
    /// <param name="cpu">The CPU.</param>
    /// <param name="start">Where the first span begins, nanoseconds.</param>
    /// <param name="span">Length of a span in nanoseconds, 1 or more.</param>
    /// <param name="now">Nothing is known behind this time.</param>
    /// <param name="pids">Takes a pid for each span; 0 is the idle task.</param>
    public void Sample(int cpu, ulong start, ulong span, ulong now, Span<int> pids)
    {
        pids.Fill(Unknown);
        List<SwitchRecord> switches = _switches[cpu];
        Dictionary<int, ulong> times = [];
        int at = 0;
        for (int i = 0; i < pids.Length; i++)
        {
            ulong from = start + ((ulong)i * span);
            ulong to = Math.Min(from + span, now);
            while (at + 1 < switches.Count && switches[at + 1].Time <= from)
            {
                at++;
            }

            times.Clear();
            for (int k = at; k < switches.Count && switches[k].Time < to; k++)
            {
                ulong begin = Math.Max(from, switches[k].Time);
                ulong end = k + 1 < switches.Count ? Math.Min(to, switches[k + 1].Time) : to;
                if (end > begin)
                {
                    times[switches[k].Pid] = times.GetValueOrDefault(switches[k].Pid) + (end - begin);
                }
            }

            ulong most = 0;
            foreach ((int pid, ulong time) in times)
            {
                if (time > most)
                {
                    (pids[i], most) = (pid, time);
                }
            }
        }
    }
}
