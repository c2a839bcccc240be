using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows and sets how a task is scheduled, as chrt(1) does.</summary>
internal sealed class ChrtCommand : ConsoleCommand
{
    [Immutable]
    private static readonly string[] s_policies = ["other", "batch", "idle", "fifo", "rr", "deadline"];

    /// <inheritdoc/>
    public override string Name => "chrt";

    /// <inheritdoc/>
    public override string Usage => "PID [POLICY [PRIORITY]] [-n NICE] [-l NICE] [-s TIME] [-T TIME] [-D TIME] [-P TIME]";

    /// <inheritdoc/>
    public override string Summary => "show or set how a task is scheduled";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "other, batch, idle   a fair share by nice value; batch does not preempt when it wakes, idle has almost no share",
        "fifo, rr             real time with PRIORITY 1 (lowest) to 99; rr takes turns among equals",
        "deadline             -T of CPU time before -D, in each period -P (the same as -D if it is missing)",
        "-n NICE              nice value, -20 to 19",
        "-l NICE              latency-nice, -20 (served soon, in short slices) to 19",
        "-s TIME              slice, 100us to 100ms",
        "TIME                 nanoseconds, or with us, ms, s: 10ms",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? TaskList.Pids() : before.Count == 1 ? s_policies : ["-n", "-l", "-s", "-T", "-D", "-P"];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        Dictionary<char, string> options = context.TakeOptions("nlsTDP", out List<string> rest);
        if (rest.Count is 0 or > 3)
        {
            throw new CommandUsageException(rest.Count == 0 ? "which task?" : $"unexpected argument '{rest[3]}'");
        }

        TaskStruct task = TaskList.Find(rest[0]);
        if (rest.Count > 1 || options.Count > 0)
        {
            try
            {
                task.SetScheduling(Parse(task.GetScheduling(), rest, options));
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or NotSupportedException)
            {
                throw new CommandFailedException(exception.Message);
            }
        }

        context.WriteLine($"{task}: {Describe(task.GetScheduling())}");
    }

    /// <summary>Parameters in words: <c>fifo 50</c>, <c>other, nice 5, slice 10 ms</c>.</summary>
    internal static string Describe(in SchedulingParameters parameters)
    {
        List<string> words = [];
        words.Add(parameters.Policy switch
        {
            SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => $"{parameters.Policy.Name()} {parameters.RealTimePriority}",
            SchedulingPolicy.Module => $"{parameters.Class!.Name}, share {parameters.Share}",
            _ => parameters.Policy.Name(),
        });
        if (parameters.Policy == SchedulingPolicy.Deadline)
        {
            words.Add($"runtime {Units.Duration(parameters.Runtime)}");
            words.Add($"deadline {Units.Duration(parameters.Deadline)}");
            words.Add($"period {Units.Duration(parameters.EffectivePeriod)}");
        }

        if (parameters.Policy.IsFair())
        {
            words.Add($"nice {parameters.Nice}");
            if (parameters.LatencyNice != 0)
            {
                words.Add($"latency-nice {parameters.LatencyNice}");
            }

            if (parameters.Slice != 0)
            {
                words.Add($"slice {Units.Duration(parameters.Slice)}");
            }
        }

        if (parameters.ResetOnFork)
        {
            words.Add("reset on fork");
        }

        return string.Join(", ", words);
    }

    private static SchedulingParameters Parse(SchedulingParameters now, List<string> rest, Dictionary<char, string> options)
    {
        SchedulingPolicy policy = rest.Count < 2 ? now.Policy : rest[1] switch
        {
            "other" => SchedulingPolicy.Normal,
            "batch" => SchedulingPolicy.Batch,
            "idle" => SchedulingPolicy.Idle,
            "fifo" => SchedulingPolicy.Fifo,
            "rr" => SchedulingPolicy.RoundRobin,
            "deadline" => SchedulingPolicy.Deadline,
            _ => throw new CommandUsageException($"policy '{rest[1]}': expected one of {string.Join(", ", s_policies)}"),
        };
        bool same = policy == now.Policy;
        int priority = same ? now.RealTimePriority : 0;
        if (rest.Count == 3)
        {
            priority = CommandContext.ParseNumber("priority", rest[2], policy.IsRealTime() ? SchedulingParameters.LowestRealTime : 0, policy.IsRealTime() ? SchedulingParameters.HighestRealTime : 0);
        }

        return now with
        {
            Policy = policy,
            RealTimePriority = priority,
            Class = same ? now.Class : null,
            Share = same ? now.Share : 0,
            Nice = Nice(options, 'n', now.Nice),
            LatencyNice = Nice(options, 'l', now.LatencyNice),
            Slice = Time(options, 's', policy.IsFair() ? now.Slice : 0),
            Runtime = Time(options, 'T', same ? now.Runtime : 0),
            Deadline = Time(options, 'D', same ? now.Deadline : 0),
            Period = Time(options, 'P', same ? now.Period : 0),
        };
    }

    private static int Nice(Dictionary<char, string> options, char letter, int otherwise) =>
        options.TryGetValue(letter, out string? text) ? CommandContext.ParseNumber("nice value", text, TaskPriority.MinimumNice, TaskPriority.MaximumNice) : otherwise;

    private static ulong Time(Dictionary<char, string> options, char letter, ulong otherwise)
    {
        if (!options.TryGetValue(letter, out string? text))
        {
            return otherwise;
        }

        (string number, ulong unit) = text switch
        {
            _ when text.EndsWith("ns", StringComparison.Ordinal) => (text[..^2], 1ul),
            _ when text.EndsWith("us", StringComparison.Ordinal) => (text[..^2], 1_000ul),
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1_000_000ul),
            _ when text.EndsWith('s') => (text[..^1], 1_000_000_000ul),
            _ => (text, 1ul),
        };

        // Up to 1,000 s: no sum of such times overflows.
        return ulong.TryParse(number, out ulong value) && value <= 1_000_000_000_000 / unit
            ? value * unit
            : throw new CommandUsageException($"time '{text}': expected a number with ns, us, ms or s");
    }
}
