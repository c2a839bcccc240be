using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules.Testing;

/// <summary>While tests run: a check that fails in a task of its own ends that task only; this remembers it, so that the test fails too.</summary>
internal sealed class FailedCheckReporter(TaskFaultReporter? next) : TaskFaultReporter
{
    [Atomic]
    private CheckFailedException? _failure;

    /// <summary>The first check that failed in another task since the last call; null when none did.</summary>
    public CheckFailedException? Take() => Interlocked.Exchange(ref _failure, null);

    /// <inheritdoc/>
    public override void Report(TaskStruct task, Exception exception)
    {
        if (exception is CheckFailedException failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }

        next?.Report(task, exception);
    }
}
