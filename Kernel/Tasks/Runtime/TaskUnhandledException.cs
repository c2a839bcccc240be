using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>An exception that leaves a .NET thread ends that thread's task; the kernel goes on.</summary>
internal sealed class TaskUnhandledException : UnhandledException
{
    /// <inheritdoc/>
    [DoesNotReturn]
    public override void EndThread(Exception exception) =>
        TaskMain.Leave(TaskStruct.Current, new TaskExit(TaskExitReason.Faulted, TaskExit.FaultedCode));
}
