using System;

namespace CosmosKernel.Tasks;

/// <summary>
/// The kernel's one scale of priorities, Linux's: 0 is the most urgent, 139 the least. 0 to 98 are the real-time priorities 99 to 1,
/// 100 to 139 are the nice values -20 to 19 (sched(7)); -1 stands for a deadline and -2 for the stopper, which have no priority.
/// </summary>
public static class TaskPriority
{
    /// <summary>A CPU's stopper.</summary>
    public const int Stop = -2;

    /// <summary>A deadline task: before all priorities.</summary>
    public const int Deadline = -1;

    /// <summary>The most urgent priority.</summary>
    public const int Highest = 0;

    /// <summary>The first priority that a nice value means.</summary>
    public const int FirstNice = 100;

    /// <summary>Nice 0, the default.</summary>
    public const int Default = 120;

    /// <summary>The least urgent priority, nice 19.</summary>
    public const int Lowest = 139;

    /// <summary>How many priorities there are.</summary>
    public const int Count = 140;

    /// <summary>The least nice value.</summary>
    public const int MinimumNice = -20;

    /// <summary>The greatest nice value.</summary>
    public const int MaximumNice = 19;

    /// <summary>The priority of a nice value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in -20 to 19.</exception>
    public static int FromNice(int nice)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nice, MinimumNice);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nice, MaximumNice);
        return Default + nice;
    }

    /// <summary>The priority on this scale of a real-time priority.</summary>
    /// <param name="priority">1 (lowest) to 99.</param>
    public static int FromRealTime(int priority) => FirstNice - 1 - priority;

    /// <summary>The real-time priority, 1 to 99, of a priority below 99; 0 for all others.</summary>
    public static int ToRealTime(int priority) => priority is >= Highest and < FirstNice - 1 ? FirstNice - 1 - priority : 0;

    /// <summary>The nice value of a priority; 0 for those below 100, which are no nice values.</summary>
    public static int ToNice(int priority) => priority < FirstNice ? 0 : priority - Default;

    /// <summary>Throws for a number that is no priority.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 139, or 99, which no policy has.</exception>
    internal static void ThrowIfInvalid(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)priority, (uint)Lowest, nameof(priority));
        ArgumentOutOfRangeException.ThrowIfEqual(priority, FirstNice - 1, nameof(priority));
    }
}
