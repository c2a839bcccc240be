using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>The CPU time of a thread, or of all threads of a process, those that have ended included.</summary>
/// <param name="Process">The process.</param>
/// <param name="Thread">The thread; null for the process.</param>
/// <param name="Kind">What counts: <see cref="SystemClocks.KindUser"/> is time in user mode only.</param>
public readonly record struct CpuClock(Process Process, UserThread? Thread, int Kind)
{
    /// <summary>Nanoseconds up to now. Any context but NMI.</summary>
    [NoAllocation]
    public ulong Read()
    {
        bool onlyUser = Kind == SystemClocks.KindUser;
        if (Thread is { } thread)
        {
            return onlyUser ? thread.Context.UserTimeNanoseconds : thread.Task.ReadCpuTime();
        }

        ProcessUsage usage = Process.ReadUsage();
        return onlyUser ? usage.UserTime : usage.UserTime + usage.SystemTime;
    }
}
