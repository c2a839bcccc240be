using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>An exception that leaves a .NET thread ends that thread's task; the kernel goes on.</summary>
internal sealed class TaskUnhandledException : UnhandledException
{
    /// <inheritdoc/>
    public override bool IsEndOfThread(Exception exception) => TaskMain.IsEnd(TaskStruct.Current, exception);

    /// <inheritdoc/>
    [DoesNotReturn]
    [MightSleep]
    public override void EndThread(Exception exception) =>
        TaskMain.Leave(TaskStruct.Current, new TaskExit(TaskExitReason.Faulted, TaskExit.FaultedCode));
}
