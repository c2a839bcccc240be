using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the busiest tasks, again and again.</summary>
internal sealed class TopCommand : ConsoleCommand
{
    private const int BarColumns = 20;
    private const int CpuColumns = 38;

    /// <inheritdoc/>
    public override string Name => "top";

    /// <inheritdoc/>
    public override string Usage => "[SECONDS]";

    /// <inheritdoc/>
    public override string Summary => "watch CPUs and the busiest tasks, until q";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => ["SECONDS  between two pictures, 1 by default; space refreshes at once"];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        int seconds = context.Arguments.Count == 0 ? 1 : CommandContext.ParseNumber("seconds", context.Arguments[0], 1, 3600);
        (int columns, int rows) = context.MeasureTerminal();
        context.Write(Ansi.HideCursor + Ansi.ClearScreen);
        Sample before = Sample.Take();

        // The first picture comes soon.
        ulong next = before.Time + 200_000_000;
        while (true)
        {
            bool pressed = context.ReadKey(out Key key, next);
            if (pressed && (key.Is('q') || key.Code == KeyCode.Escape))
            {
                break;
            }

            if (pressed && !key.Is(' '))
            {
                continue;
            }

            Sample now = Sample.Take();
            context.Write(Picture(before, now, columns, rows));
            before = now;
            next = now.Time + ((ulong)seconds * 1_000_000_000);
        }

        context.Write(Ansi.ShowCursor + "\n");
    }

    private static string Picture(Sample before, Sample now, int columns, int rows)
    {
        List<string> lines = [];
        ulong elapsed = Math.Max(1, now.Time - before.Time);
        AddSummary(lines, now);
        AddCpus(lines, before, now, elapsed, columns);
        lines.Add("");
        int room = Math.Max(1, rows - lines.Count - 2);
        lines.AddRange(Tasks(before, now, elapsed, room).Lines(columns));

        var text = new StringBuilder(Ansi.HomePosition);
        foreach (string line in lines)
        {
            text.Append(line).Append(Ansi.ClearToEndOfLine).Append('\n');
        }

        return text.Append(Ansi.ClearToEndOfScreen).ToString();
    }

    private static void AddSummary(List<string> lines, Sample now)
    {
        int running = 0;
        int ready = 0;
        foreach ((TaskStruct task, _) in now.Tasks)
        {
            running += task.State == TaskState.Runnable && task.IsOnCpu ? 1 : 0;
            ready += task.State == TaskState.Runnable && !task.IsOnCpu ? 1 : 0;
        }

        ulong free = FrameAllocator.FreeFrames * Frame.Size;
        HeapStatistics heap = HeapStatistics.Capture();
        lines.Add($"up {Units.Clock(now.Time)}   {Units.Count(now.Tasks.Count, "task")}: {running} running, {ready} ready   {Ansi.Style(Ansi.Dim, "q ends")}");
        lines.Add($"memory {Units.Bytes(FirmwareMemoryMap.UsableBytes - free)} of {Units.Bytes(FirmwareMemoryMap.UsableBytes)}   heap {Units.Bytes(heap.CommittedBytes)}, {heap.Collections} collections, last pause {Units.Duration(heap.LastPause)}");
    }

    private static void AddCpus(List<string> lines, Sample before, Sample now, ulong elapsed, int columns)
    {
        int across = Math.Clamp((columns - 1) / CpuColumns, 1, now.Idle.Length);
        for (int first = 0; first < now.Idle.Length; first += across)
        {
            var line = new StringBuilder();
            for (int cpu = first; cpu < Math.Min(first + across, now.Idle.Length); cpu++)
            {
                ulong idle = cpu < before.Idle.Length ? now.Idle[cpu] - before.Idle[cpu] : elapsed;
                double busy = elapsed > idle ? (double)(elapsed - idle) / elapsed : 0;
                int filled = (int)Math.Round(busy * BarColumns);
                string style = busy > 0.9 ? Ansi.Red : busy > 0.5 ? Ansi.Yellow : Ansi.Green;
                line.Append($"CPU{cpu,-3} [{Ansi.Style(style, new string('|', filled))}{new string(' ', BarColumns - filled)}] {Units.Percent(busy, 1),5} %   ");
            }

            lines.Add(line.ToString().TrimEnd());
        }
    }

    private static Table Tasks(Sample before, Sample now, ulong elapsed, int room)
    {
        Table table = new Table().Column("PID", Alignment.Right).Column("%CPU", Alignment.Right).Column("TIME", Alignment.Right).Column("CPU", Alignment.Right)
            .Column("POLICY").Column("STATE").Column("SWITCHES", Alignment.Right).Column("NAME");
        List<(TaskStruct Task, ulong Used)> busiest = [];
        foreach ((TaskStruct task, ulong time) in now.Tasks)
        {
            busiest.Add((task, before.Times.TryGetValue(task, out ulong earlier) ? time - earlier : time));
        }

        busiest.Sort((a, b) => a.Used != b.Used ? b.Used.CompareTo(a.Used) : a.Task.Pid.CompareTo(b.Task.Pid));
        foreach ((TaskStruct task, ulong used) in busiest.GetRange(0, Math.Min(room, busiest.Count)))
        {
            table.StyledRow(
                task.IsOnCpu ? Ansi.Green : "",
                task.Pid.ToString(),
                Units.Percent(used, elapsed),
                Units.Seconds(task.CpuTimeNanoseconds),
                task.Cpu.ToString(),
                TaskList.Policy(task),
                TaskList.State(task),
                (task.VoluntarySwitches + task.InvoluntarySwitches).ToString(),
                task.Name);
        }

        return table;
    }

    // CPU times at one moment.
    private sealed class Sample
    {
        public required ulong Time { get; init; }

        [Immutable]
        public required ulong[] Idle { get; init; }

        [Immutable]
        public required List<(TaskStruct Task, ulong Time)> Tasks { get; init; }

        [Immutable]
        public required Dictionary<TaskStruct, ulong> Times { get; init; }

        public static Sample Take()
        {
            List<TaskStruct> tasks = TaskList.All(idle: false);
            ulong[] idle = new ulong[RunQueues.Count];
            for (int cpu = 0; cpu < idle.Length; cpu++)
            {
                idle[cpu] = RunQueues.Get(cpu)!.Idle.CpuTimeNanoseconds;
            }

            List<(TaskStruct Task, ulong Time)> times = tasks.ConvertAll(task => (task, task.CpuTimeNanoseconds));
            var byTask = new Dictionary<TaskStruct, ulong>();
            foreach ((TaskStruct task, ulong time) in times)
            {
                byTask[task] = time;
            }

            return new Sample { Time = Clock.MonotonicNanoseconds, Idle = idle, Tasks = times, Times = byTask };
        }
    }
}
