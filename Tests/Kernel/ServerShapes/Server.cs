using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>
/// What the three shapes have in common. A server accepts requests until it is stopped and holds clients back when it has enough: memory is bounded, whatever they do.
/// It answers each request that it accepted, exactly once; a request that fails is the business of its client and of nobody else. <see cref="Stop"/> answers
/// what was accepted, refuses the rest, and returns when nothing of the server runs any more.
/// </summary>
/// <param name="handler">The work: makes the answer from the number, or throws. Called by several threads at once.</param>
public abstract class Server(Func<int, int> handler)
{
    [Atomic]
    private int _inProgress;

    [Atomic]
    private int _mostInProgress;

    [Atomic]
    private long _answered;

    [Atomic]
    private long _failed;

    /// <summary>What it is called.</summary>
    public abstract string Name { get; }

    /// <summary>Requests that are accepted and not begun. Outdated at once.</summary>
    public abstract int Waiting
    {
        [MightSleep]
        get;
    }

    /// <summary>Requests being worked on. Outdated at once.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    /// <summary>The most that were ever worked on at once.</summary>
    public int MostInProgress => Volatile.Read(ref _mostInProgress);

    /// <summary>Requests answered, failed ones too.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Requests that failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Hands a request over, waiting while the server has enough of them.</summary>
    /// <returns>False, and the request will not be answered, if the server is stopped.</returns>
    [MightSleep]
    public abstract bool Submit(Request request);

    /// <summary>Hands a request over if the server takes it at once.</summary>
    /// <returns>False, and the request will not be answered, if the server has enough or is stopped.</returns>
    [MightSleep]
    public abstract bool TrySubmit(Request request);

    /// <summary>Accepts nothing more, answers what was accepted, and returns when all threads have ended. Once.</summary>
    [MightSleep]
    public abstract void Stop();

    /// <summary>The work on one request, and its answer.</summary>
    protected void Handle(Request request)
    {
        try
        {
            request.Complete(Work(request));
        }
        catch (Exception failure)
        {
            Fail(request, failure);
            if (KernelTask.Current.IsKilled)
            {
                // The thread ends, the request has its answer.
                throw;
            }

            return;
        }

        Interlocked.Increment(ref _answered);
    }

    /// <summary>The work alone.</summary>
    protected int Work(Request request)
    {
        int now = Interlocked.Increment(ref _inProgress);
        int most;
        while ((most = Volatile.Read(ref _mostInProgress)) < now && Interlocked.CompareExchange(ref _mostInProgress, now, most) != most)
        {
        }

        try
        {
            return handler(request.Number);
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
    }

    /// <summary>Gives the answer to work that was done elsewhere.</summary>
    protected void Complete(Request request, int value)
    {
        request.Complete(value);
        Interlocked.Increment(ref _answered);
    }

    /// <summary>Answers that it failed.</summary>
    protected void Fail(Request request, Exception reason)
    {
        request.Fail(reason);
        Interlocked.Increment(ref _failed);
        Interlocked.Increment(ref _answered);
    }
}
