using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>Told about work items that failed. In the worker's task. The part of the kernel that has the log puts an instance into <see cref="Instance"/>.</summary>
public abstract class WorkReporter
{
    /// <summary>Who is told; null before the log is up.</summary>
    [Atomic]
    public static WorkReporter? Instance { get; set; }

    /// <summary>An exception left an item's execution.</summary>
    [MightSleep]
    public abstract void Failed(WorkItem item, Exception exception);

    /// <summary>There was no memory for another worker.</summary>
    /// <param name="pool">Whose.</param>
    [MightSleep]
    public abstract void NoWorker(string pool);
}
