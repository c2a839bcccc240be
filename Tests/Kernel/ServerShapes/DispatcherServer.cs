using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>
/// Listener and dispatcher: one thread takes requests at the door and gives each to a worker of the thread pool, to so many at once and no more. When all workers are
/// busy the listener waits, the door fills, and then clients wait. The shape for requests that differ much: a slow one keeps one worker, and the listener
/// is the one place that decides what is begun.
/// </summary>
public sealed class DispatcherServer : Server
{
    private readonly BlockingCollection<Request> _door;
    private readonly SemaphoreSlim _workers;
    private readonly int _workerCount;
    private readonly Thread _listener;

    /// <summary>Starts the server.</summary>
    /// <param name="workers">Requests worked on at once.</param>
    /// <param name="backlog">Requests that wait at the door.</param>
    /// <param name="handler">The work.</param>
    public DispatcherServer(int workers, int backlog, Func<int, int> handler)
        : base(handler)
    {
        _workerCount = workers;
        _workers = new SemaphoreSlim(workers, workers);
        _door = new BlockingCollection<Request>(backlog);
        _listener = new Thread(Listen) { Name = "dispatcher" };
        _listener.Start();
    }

    /// <inheritdoc/>
    public override string Name => "listener and dispatcher";

    /// <inheritdoc/>
    public override int Waiting => _door.Count;

    /// <inheritdoc/>
    [MightSleep]
    public override bool Submit(Request request)
    {
        try
        {
            _door.Add(request);
            return true;
        }
        catch (InvalidOperationException)
        {
            // The door is closed.
            return false;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool TrySubmit(Request request)
    {
        try
        {
            return _door.TryAdd(request);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        _door.CompleteAdding();
        _listener.Join();
    }

    private void Listen()
    {
        // Ends when the door is closed and nobody is left in front of it.
        foreach (Request request in _door.GetConsumingEnumerable())
        {
            _workers.Wait();
            Task.Run(() =>
            {
                try
                {
                    Handle(request);
                }
                finally
                {
                    _workers.Release();
                }
            });
        }

        // Who has all units knows that nobody works any more.
        for (int i = 0; i < _workerCount; i++)
        {
            _workers.Wait();
        }
    }
}
