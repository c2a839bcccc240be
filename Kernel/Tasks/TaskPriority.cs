using System;

namespace CosmosKernel.Tasks;

/// <summary>
/// The scale of priorities: 0 is the most urgent, 139 the least. 0 to 99 are for work that must not wait behind ordinary tasks,
/// 100 to 139 are the nice values -20 to 19 (sched(7) has the same split).
/// </summary>
public static class TaskPriority
{
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

    /// <summary>The nice value of a priority; 0 for those below 100, which are no nice values.</summary>
    public static int ToNice(int priority) => priority < FirstNice ? 0 : priority - Default;

    /// <summary>Throws for a number that is no priority.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 139.</exception>
    internal static void ThrowIfInvalid(int priority) => ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)priority, (uint)Lowest, nameof(priority));
}
