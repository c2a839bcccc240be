using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Demo;

/// <summary>The picture of a scene that runs: rows of CPUs, scale, legend. Reads the switch traces of the CPUs.</summary>
[TaskPrivate]
internal sealed class DemoPicture
{
    private const int LabelColumns = 7;
    private const int LegendColumns = 36;

    private readonly List<DemoTask> _tasks;
    private readonly Timeline _timeline;
    private readonly Dictionary<int, int> _legend = [];
    private readonly SwitchRecord[] _records = new SwitchRecord[SwitchTrace.Capacity];
    private readonly long[] _positions;
    private readonly ulong _start;
    private long _turns;

    /// <summary>Begins the picture; the tasks have just been started.</summary>
    public DemoPicture(List<DemoTask> tasks, int cpus)
    {
        _tasks = tasks;
        _timeline = new Timeline(cpus);
        _positions = new long[cpus];
        _start = Clock.MonotonicNanoseconds;
        for (int i = 0; i < tasks.Count; i++)
        {
            _legend[tasks[i].Pid] = i;
        }
    }

    /// <summary>How long a task of the scene ran on average until another one took its place, nanoseconds; 0 before there was one.</summary>
    public ulong AverageTurn
    {
        get
        {
            ulong time = 0;
            foreach (DemoTask task in _tasks)
            {
                time += task.CpuTime;
            }

            return _turns == 0 ? 0 : time / (ulong)_turns;
        }
    }

    /// <summary>The lines of the picture as things are now.</summary>
    /// <param name="columns">Columns of the terminal.</param>
    public List<string> Lines(int columns)
    {
        ulong now = Clock.MonotonicNanoseconds;
        int width = Math.Max(10, columns - LabelColumns - 1);
        for (int cpu = 0; cpu < _timeline.Cpus; cpu++)
        {
            Read(cpu);
        }

        ulong span = TimelinePainter.Span(AverageTurn);
        ulong start = Before(now, (ulong)width * span);
        List<string> lines = [];
        int[] pids = new int[width];
        for (int cpu = 0; cpu < _timeline.Cpus; cpu++)
        {
            _timeline.Sample(cpu, start, span, now, pids);
            lines.Add($"CPU {cpu,-LabelColumns + 4}{TimelinePainter.Row(pids, _legend)}");
        }

        _timeline.ForgetBefore(Before(now, (ulong)width * TimelinePainter.LongestSpan));
        lines.Add(new string(' ', LabelColumns) + Ansi.Style(Ansi.Dim, TimelinePainter.Scale(width, span)));
        AddLegend(lines, columns, now - _start);
        return lines;
    }

    private static ulong Before(ulong time, ulong span) => time > span ? time - span : 0;

    private void Read(int cpu)
    {
        if (RunQueues.Get(cpu) is not { } queue)
        {
            return;
        }

        queue.UpdateAccounting();
        int count;
        do
        {
            count = queue.Trace.Read(ref _positions[cpu], _records);
            _timeline.Add(cpu, _records.AsSpan(0, count));
            foreach (SwitchRecord record in _records.AsSpan(0, count))
            {
                _turns += _legend.ContainsKey(record.Pid) ? 1 : 0;
            }
        }
        while (count == _records.Length);
    }

    private void AddLegend(List<string> lines, int columns, ulong elapsed)
    {
        int across = Math.Max(1, (columns - 1) / LegendColumns);
        int down = (_tasks.Count + across - 1) / across;
        for (int row = 0; row < down; row++)
        {
            string line = "";
            for (int i = row; i < _tasks.Count; i += down)
            {
                DemoTask task = _tasks[i];
                string share = Units.Percent(task.CpuTime, elapsed);
                string text = $" {task.Name,-12} {task.Policy,-8} {share,5} %";
                line += " " + TimelinePainter.Key(i) + text.PadRight(LegendColumns - 2);
            }

            lines.Add(line.TrimEnd());
        }
    }
}
