using System;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>What a client asks of a server: a number to work on, and the place for the one answer.</summary>
/// <param name="number">What the server gets.</param>
public sealed class Request(int number)
{
    // Whoever waits for the answer goes on in a thread of its own, not in the server's.
    private readonly TaskCompletionSource<int> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Atomic]
    private int _timesAnswered;

    /// <summary>What the server gets.</summary>
    public int Number { get; } = number;

    /// <summary>The answer; faulted when the server could not work on the request.</summary>
    public Task<int> Answer => _answer.Task;

    /// <summary>How often a server answered. Once is right.</summary>
    public int TimesAnswered => Volatile.Read(ref _timesAnswered);

    /// <summary>Answers.</summary>
    public void Complete(int value)
    {
        Interlocked.Increment(ref _timesAnswered);
        _answer.TrySetResult(value);
    }

    /// <summary>Answers that it failed.</summary>
    public void Fail(Exception reason)
    {
        Interlocked.Increment(ref _timesAnswered);
        _answer.TrySetException(reason);
    }
}
