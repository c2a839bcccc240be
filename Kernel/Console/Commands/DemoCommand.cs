using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Demo;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the scheduler at work, live, in a picture made of characters.</summary>
internal sealed class DemoCommand : ConsoleCommand
{
    private const int DefaultSeconds = 4;
    private const int MostCpus = 8;
    private const int OtherRows = 14;
    private const ulong FrameNanoseconds = 250_000_000;

    /// <inheritdoc/>
    public override string Name => "demo";

    /// <inheritdoc/>
    public override string Usage => "[SECONDS]";

    /// <inheritdoc/>
    public override string Summary => "watch round-robin, priorities and preemption in a picture";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "Three scenes of SECONDS each (4), a line a CPU, a letter and colour a task,",
        "time going right; from the trace of switches that each CPU keeps.",
        "Return or space goes on to the next scene, q ends.",
    ];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        int seconds = context.Arguments.Count == 0 ? DefaultSeconds : CommandContext.ParseNumber("seconds", context.Arguments[0], 1, 3600);
        (int columns, int rows) = context.MeasureTerminal();
        int cpus = Math.Clamp(rows - OtherRows, 1, Math.Min(MostCpus, RunQueues.Count));
        DemoScene[] scenes = DemoScene.All();
        for (int i = 0; i < scenes.Length; i++)
        {
            context.WriteLine();
            context.WriteLine(Ansi.Style(Ansi.Bold, $"{i + 1}  {scenes[i].Title}"));
            context.WriteLine(TextWidth.Fit($"   {scenes[i].Explanation}", columns - 1));
            if (!Play(context, scenes[i], cpus, columns, (ulong)seconds * 1_000_000_000))
            {
                return;
            }
        }
    }

    // False when the user has seen enough.
    private static bool Play(CommandContext context, DemoScene scene, int cpus, int columns, ulong duration)
    {
        List<DemoTask> tasks = scene.Start(cpus);
        try
        {
            var picture = new DemoPicture(tasks, cpus);
            ulong end = Clock.MonotonicNanoseconds + duration;
            context.Write(Ansi.HideCursor);
            int drawn = 0;
            bool goOn = true;
            while (goOn && Clock.MonotonicNanoseconds < end)
            {
                if (context.ReadKey(out Key key, Math.Min(end, Clock.MonotonicNanoseconds + FrameNanoseconds)))
                {
                    if (key.Is('q') || key.Code == KeyCode.Escape)
                    {
                        goOn = false;
                    }
                    else if (key.Code == KeyCode.Enter || key.Is(' '))
                    {
                        end = 0;
                    }
                }

                drawn = Draw(context, picture.Lines(columns), drawn);
            }

            string measured = scene.Measured(picture.AverageTurn);
            if (measured.Length > 0)
            {
                context.WriteLine(TextWidth.Fit("   " + measured, columns - 1));
            }

            context.Write(Ansi.ShowCursor);
            return goOn;
        }
        finally
        {
            tasks.ForEach(task => task.Stop());
        }
    }

    // Over the picture before it; returns how many lines this one has.
    private static int Draw(CommandContext context, List<string> lines, int drawn)
    {
        var text = new StringBuilder(Ansi.Up(drawn));
        foreach (string line in lines)
        {
            text.Append('\r').Append(line).Append(Ansi.ClearToEndOfLine).Append('\n');
        }

        context.Write(text.ToString());
        return lines.Count;
    }
}
