using System;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>Writes what ended a task to the console: task, type, message and stack trace.</summary>
internal sealed class ConsoleFaultReporter : TaskFaultReporter
{
    /// <inheritdoc/>
    public override void Report(TaskStruct task, Exception exception) =>
        UnhandledException.Report($"Task {task} ends, nobody caught its exception.", exception);
}
