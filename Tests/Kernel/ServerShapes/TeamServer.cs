using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>
/// A team of equals: some threads and one queue, and each thread takes the next request, works on it and comes back. Nobody distributes, so there is no hop between
/// taking and working. The shape for requests that are much alike.
/// </summary>
public sealed class TeamServer : Server
{
    private readonly object _lock = new();
    private readonly int _capacity;

    [Immutable]
    private readonly Thread[] _members;

    [GuardedBy(nameof(_lock))]
    private readonly Queue<Request> _queue = new();

    [GuardedBy(nameof(_lock))]
    private bool _stopped;

    /// <summary>Starts the server.</summary>
    /// <param name="members">Threads, so requests worked on at once.</param>
    /// <param name="capacity">Requests that wait in the queue.</param>
    /// <param name="handler">The work.</param>
    public TeamServer(int members, int capacity, Func<int, int> handler)
        : base(handler)
    {
        _capacity = capacity;
        _members = new Thread[members];
        for (int i = 0; i < members; i++)
        {
            _members[i] = new Thread(Serve) { Name = $"team-{i}" };
            _members[i].Start();
        }
    }

    /// <inheritdoc/>
    public override string Name => "team of equals";

    /// <inheritdoc/>
    public override int Waiting
    {
        [MightSleep]
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool Submit(Request request)
    {
        lock (_lock)
        {
            while (!_stopped && _queue.Count == _capacity)
            {
                Monitor.Wait(_lock);
            }

            return AddUnlessStopped(request);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool TrySubmit(Request request)
    {
        lock (_lock)
        {
            return _queue.Count < _capacity && AddUnlessStopped(request);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }

        Array.ForEach(_members, member => member.Join());
    }

    [RequiresLock(nameof(_lock))]
    private bool AddUnlessStopped(Request request)
    {
        if (_stopped)
        {
            return false;
        }

        _queue.Enqueue(request);

        // Members and clients wait for different things at the same monitor: all of them look.
        Monitor.PulseAll(_lock);
        return true;
    }

    private void Serve()
    {
        while (Take() is { } request)
        {
            Handle(request);
        }
    }

    // Null when the server is stopped and the queue is empty.
    private Request? Take()
    {
        lock (_lock)
        {
            while (_queue.Count == 0)
            {
                if (_stopped)
                {
                    return null;
                }

                Monitor.Wait(_lock);
            }

            Request request = _queue.Dequeue();
            Monitor.PulseAll(_lock);
            return request;
        }
    }
}
