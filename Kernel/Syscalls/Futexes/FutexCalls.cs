using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>System calls of futexes.</summary>
internal static class FutexCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new FutexCall());
        table.Add(new SetRobustList());
        table.Add(new GetRobustList());
        table.Add(new FutexWaitVector());
        table.Add(new FutexWake());
        table.Add(new FutexWait());
        table.Add(new FutexRequeue());
    }
}
