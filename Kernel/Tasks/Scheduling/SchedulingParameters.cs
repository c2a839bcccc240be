using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Everything that decides how a task is scheduled: what sched_setattr(2) takes, and what a class of a module wants. A value; times are in nanoseconds.
/// Make one with <see cref="Fair"/>, <see cref="Fifo"/>, <see cref="RoundRobin"/>, <see cref="EarliestDeadline"/> or <see cref="Of"/>, change it with <c>with</c>,
/// and give it to <see cref="TaskStruct.SetScheduling"/> or <see cref="TaskOptions.Scheduling"/>.
/// </summary>
public readonly record struct SchedulingParameters
{
    /// <summary>The lowest real-time priority.</summary>
    public const int LowestRealTime = 1;

    /// <summary>The highest real-time priority.</summary>
    public const int HighestRealTime = 99;

    /// <summary>The shortest slice that can be asked for: 0.1 ms.</summary>
    public const ulong ShortestSlice = 100_000;

    /// <summary>The longest slice that can be asked for: 100 ms.</summary>
    public const ulong LongestSlice = 100_000_000;

    /// <summary>The least runtime of a deadline task: 1,024 ns, as on Linux.</summary>
    public const ulong ShortestRuntime = 1024;

    /// <summary>The shortest period of a deadline task: 0.1 ms, as on Linux.</summary>
    public const ulong ShortestPeriod = 100_000;

    /// <summary>The longest period of a deadline task: 2^22 microseconds, about 4 s, as on Linux.</summary>
    public const ulong LongestPeriod = (1ul << 22) * 1000;

    /// <summary>Which policy.</summary>
    public SchedulingPolicy Policy { get; init; }

    /// <summary>1 (lowest) to 99 for the real-time policies, 0 for all others.</summary>
    public int RealTimePriority { get; init; }

    /// <summary>-20 (most) to 19 (least): share of the CPU under the fair policies; kept and unused under others.</summary>
    public int Nice { get; init; }

    /// <summary>-20 (short slices, served soon) to 19 (long slices): scales the slice under the fair policies without changing the share.</summary>
    public int LatencyNice { get; init; }

    /// <summary>Length of a slice under the fair policies, 0.1 to 100 ms, or 0 for the default.</summary>
    public ulong Slice { get; init; }

    /// <summary>Deadline: CPU time that the task may use in each period.</summary>
    public ulong Runtime { get; init; }

    /// <summary>Deadline: from the beginning of a period to when the runtime must have been given.</summary>
    public ulong Deadline { get; init; }

    /// <summary>Deadline: from one beginning to the next; 0 means the same as <see cref="Deadline"/>.</summary>
    public ulong Period { get; init; }

    /// <summary>A task that inherits these parameters (<see cref="TaskOptions.InheritScheduling"/>) starts as an ordinary one: real-time and deadline policies become fair, negative nice values 0.</summary>
    public bool ResetOnFork { get; init; }

    /// <summary>Module: the class.</summary>
    public SchedulingClass? Class { get; init; }

    /// <summary>Module: a number for the class, such as lottery tickets. 0 for all other policies.</summary>
    public int Share { get; init; }

    /// <summary>Nice 0 under the ordinary policy: what a task gets that asks for nothing.</summary>
    public static SchedulingParameters Default => default;

    /// <summary>The ordinary policy.</summary>
    /// <param name="nice">-20 (most CPU) to 19 (least).</param>
    public static SchedulingParameters Fair(int nice = 0) => new() { Nice = nice };

    /// <summary>Real time, first in first out.</summary>
    /// <param name="priority">1 (lowest) to 99.</param>
    public static SchedulingParameters Fifo(int priority) => new() { Policy = SchedulingPolicy.Fifo, RealTimePriority = priority };

    /// <summary>Real time, in turns among equals.</summary>
    /// <param name="priority">1 (lowest) to 99.</param>
    public static SchedulingParameters RoundRobin(int priority) => new() { Policy = SchedulingPolicy.RoundRobin, RealTimePriority = priority };

    /// <summary>So much CPU time before a deadline, in each period.</summary>
    /// <param name="runtime">CPU time in nanoseconds.</param>
    /// <param name="deadline">When it must have been given, from the beginning of the period.</param>
    /// <param name="period">Length of a period; 0 means the same as the deadline.</param>
    public static SchedulingParameters EarliestDeadline(ulong runtime, ulong deadline, ulong period = 0) =>
        new() { Policy = SchedulingPolicy.Deadline, Runtime = runtime, Deadline = deadline, Period = period };

    /// <summary>A class that a module registered.</summary>
    /// <param name="policy">The class.</param>
    /// <param name="share">What the class makes of it.</param>
    public static SchedulingParameters Of(SchedulingClass policy, int share = 0) => new() { Policy = SchedulingPolicy.Module, Class = policy, Share = share };

    /// <summary>From the kernel's one scale of priorities (<see cref="TaskPriority"/>): 0 to 98 are FIFO 99 to 1, 100 to 139 the nice values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 139, or 99.</exception>
    public static SchedulingParameters FromPriority(int priority)
    {
        TaskPriority.ThrowIfInvalid(priority);
        return priority < TaskPriority.FirstNice ? Fifo(TaskPriority.ToRealTime(priority)) : Fair(TaskPriority.ToNice(priority));
    }

    /// <summary>The place on the kernel's one scale of priorities (<see cref="TaskPriority"/>).</summary>
    public int Priority => Policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => TaskPriority.FromRealTime(RealTimePriority),
        SchedulingPolicy.Deadline => TaskPriority.Deadline,
        SchedulingPolicy.Stop => TaskPriority.Stop,
        _ => TaskPriority.Default + Nice,
    };

    /// <summary>The period, also where it was left to be the deadline.</summary>
    public ulong EffectivePeriod => Period == 0 ? Deadline : Period;

    /// <summary>What a task that inherits these parameters gets.</summary>
    public SchedulingParameters ForChild()
    {
        if (!ResetOnFork)
        {
            return this;
        }

        return Policy.IsFair()
            ? this with { ResetOnFork = false, Nice = Math.Max(Nice, 0) }
            : Fair(Math.Max(Nice, 0));
    }

    /// <summary>What a task gets whose class goes: the ordinary policy, with its nice value.</summary>
    internal SchedulingParameters WithoutClass() => new() { Nice = Nice, LatencyNice = LatencyNice, ResetOnFork = ResetOnFork };

    /// <summary>Throws for parameters that no task can have. Whether there is enough CPU time left for a deadline is checked when they are set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">Numbers contradict each other or the policy; the class is not registered.</exception>
    public void Validate()
    {
        RequireRange(nameof(Nice), Nice, TaskPriority.MinimumNice, TaskPriority.MaximumNice);
        RequireRange(nameof(LatencyNice), LatencyNice, TaskPriority.MinimumNice, TaskPriority.MaximumNice);
        if (Policy.IsRealTime())
        {
            RequireRange(nameof(RealTimePriority), RealTimePriority, LowestRealTime, HighestRealTime);
        }
        else
        {
            Require(RealTimePriority == 0, $"Policy {Policy.Name()} has no real-time priority; {RealTimePriority} was given.");
        }

        Require(Slice == 0 || Policy.IsFair(), $"Policy {Policy.Name()} has no slice of its own.");
        Require(Slice == 0 || Slice is >= ShortestSlice and <= LongestSlice, $"A slice is {ShortestSlice} to {LongestSlice} ns or 0; {Slice} was given.");
        Require((Class is not null) == (Policy == SchedulingPolicy.Module), "A class is given with policy Module, and only with it.");
        Require(Share == 0 || Class is not null, "A share is for classes of modules.");
        ValidateDeadline();
        switch (Policy)
        {
            case SchedulingPolicy.Normal or SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin or SchedulingPolicy.Batch or SchedulingPolicy.Idle or SchedulingPolicy.Deadline:
                break;
            case SchedulingPolicy.Module:
                using (SchedulingClassUse.Of(Class))
                {
                    Class!.Validate(this);
                }

                break;
            default:
                throw new ArgumentException($"The policy {Policy.Name()} is the kernel's own.");
        }
    }

    private void ValidateDeadline()
    {
        if (Policy != SchedulingPolicy.Deadline)
        {
            Require((Runtime | Deadline | Period) == 0, $"Policy {Policy.Name()} has no runtime, deadline and period.");
            return;
        }

        Require(Runtime >= ShortestRuntime, $"A runtime is at least {ShortestRuntime} ns; {Runtime} was given.");
        Require(Runtime <= Deadline && Deadline <= EffectivePeriod, $"Runtime {Runtime}, deadline {Deadline}, period {EffectivePeriod}: none may be greater than the next.");
        Require(EffectivePeriod is >= ShortestPeriod and <= LongestPeriod, $"A period is {ShortestPeriod} to {LongestPeriod} ns; {EffectivePeriod} was given.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    // The message is put together only when it is needed.
    private static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref RefusalMessage message)
    {
        if (!condition)
        {
            throw new ArgumentException(message.ToStringAndClear());
        }
    }

    private static void RequireRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Must be in {least} to {most}.");
        }
    }

    [InterpolatedStringHandler]
    private ref struct RefusalMessage
    {
        private DefaultInterpolatedStringHandler _text;

        public RefusalMessage(int literalLength, int formattedCount, bool condition, out bool isWanted)
        {
            isWanted = !condition;
            _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public string ToStringAndClear() => _text.ToStringAndClear();
    }
}
