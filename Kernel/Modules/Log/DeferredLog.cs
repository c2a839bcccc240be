using System;
using System.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Exceptions;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Runtime;

namespace CosmosKernel.Modules.Log;

/// <summary>Writes to the kernel log what goes wrong in deferred work: stalled grace periods with who stalls them, and work items that fail.</summary>
public static class DeferredLog
{
    private const int MostFrames = 24;

    /// <summary>From here on it is logged. Once, at boot.</summary>
    public static void Install()
    {
        RcuStallReporter.Instance = new StallLog();
        WorkReporter.Instance = new WorkLog();
    }

    private static string StackOf(TaskStruct task)
    {
        Span<ulong> addresses = stackalloc ulong[MostFrames];
        int count = TaskStacks.Capture(task, addresses);
        if (count == 0)
        {
            return $"; it runs now, on CPU {task.Cpu}";
        }

        var text = new StringBuilder(", preempted in");
        foreach (ulong address in addresses[..count])
        {
            text.Append("\n    ").Append(CodeNames.TryFind(address, out string type, out string method) ? $"{type}.{method}" : $"0x{address:x}");
        }

        return text.ToString();
    }

    private sealed class StallLog : RcuStallReporter
    {
        [MightSleep]
        public override void CpuIsSilent(ulong gracePeriod, ulong nanoseconds, int cpu, TaskStruct running) =>
            KernelLog.Warning($"rcu: grace period {gracePeriod} waits for {nanoseconds / 1_000_000} ms: CPU {cpu} does not answer its interrupt; {running} runs there");

        [MightSleep]
        public override void TaskIsReading(ulong gracePeriod, ulong nanoseconds, TaskStruct task) =>
            KernelLog.Warning($"rcu: grace period {gracePeriod} waits for {nanoseconds / 1_000_000} ms: {task} is inside a read-side section{StackOf(task)}");
    }

    private sealed class WorkLog : WorkReporter
    {
        [MightSleep]
        public override void Failed(WorkItem item, Exception exception)
        {
            string what = $"work item {item.GetType()} of queue '{item.Owner.Name}'";
            if ((ModuleFaults.OwnerOf(item) ?? ModuleFaults.OwnerOf(item.Owner) ?? ModuleFaults.OwnerOf(exception)) is { } module)
            {
                ModuleFaults.Report(module, what, exception);
            }
            else
            {
                KernelLog.Warning($"{what} failed: {exception}");
            }
        }

        [MightSleep]
        public override void NoWorker(string pool) => KernelLog.Warning($"there is no memory for another worker of '{pool}'");
    }
}
