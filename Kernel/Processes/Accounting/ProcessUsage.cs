using CosmosKernel.Abi;

namespace CosmosKernel.Processes;

/// <summary>What threads have used: the part of getrusage(2) that is counted.</summary>
/// <param name="UserTime">Nanoseconds in user mode.</param>
/// <param name="SystemTime">Nanoseconds in the kernel, interrupts meanwhile included.</param>
/// <param name="VoluntarySwitches">Times the CPU was given away.</param>
/// <param name="InvoluntarySwitches">Times the CPU was taken.</param>
/// <param name="MinorFaults">Page faults without input.</param>
/// <param name="MajorFaults">Page faults with input.</param>
/// <param name="MaximumResident">Most resident memory, KiB.</param>
public readonly record struct ProcessUsage(
    ulong UserTime,
    ulong SystemTime,
    long VoluntarySwitches,
    long InvoluntarySwitches,
    long MinorFaults,
    long MajorFaults,
    long MaximumResident)
{
    // USER_HZ is 100.
    private const ulong NanosecondsPerTick = 10_000_000;

    /// <summary>Time in user mode in ticks of 10 ms, as times(2) and SIGCHLD show it.</summary>
    public ulong UserTicks => UserTime / NanosecondsPerTick;

    /// <summary>Time in the kernel in ticks of 10 ms.</summary>
    public ulong SystemTicks => SystemTime / NanosecondsPerTick;

    /// <summary>Both together; of the most resident memory the greater one.</summary>
    public static ProcessUsage operator +(in ProcessUsage left, in ProcessUsage right) => new(
        left.UserTime + right.UserTime,
        left.SystemTime + right.SystemTime,
        left.VoluntarySwitches + right.VoluntarySwitches,
        left.InvoluntarySwitches + right.InvoluntarySwitches,
        left.MinorFaults + right.MinorFaults,
        left.MajorFaults + right.MajorFaults,
        left.MaximumResident > right.MaximumResident ? left.MaximumResident : right.MaximumResident);

    /// <summary>As user space gets it.</summary>
    public ResourceUsage ToAbi() => new()
    {
        UserTime = Timeval.FromNanoseconds((long)UserTime),
        SystemTime = Timeval.FromNanoseconds((long)SystemTime),
        MaximumResident = MaximumResident,
        MinorFaults = MinorFaults,
        MajorFaults = MajorFaults,
        VoluntarySwitches = VoluntarySwitches,
        InvoluntarySwitches = InvoluntarySwitches,
    };
}
