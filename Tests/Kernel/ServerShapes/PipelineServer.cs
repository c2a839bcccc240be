using System;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>
/// A pipeline of stages: check, work, answer, with a bounded channel in front of each. A stage that is slow holds back the one before it, and so on up to the clients.
/// A request that fails in a stage is answered there and goes no further. The shape for work that has steps of different kinds: each step has as many workers as it
/// needs, and its code and data stay together.
/// </summary>
public sealed class PipelineServer : Server
{
    private readonly Channel<Request> _checking;
    private readonly Channel<Request> _working;
    private readonly Channel<(Request Request, int Value)> _answering;
    private readonly Task _end;

    /// <summary>Starts the server.</summary>
    /// <param name="workers">Tasks of the working stage; the others have one each.</param>
    /// <param name="capacity">Requests that wait in front of each stage.</param>
    /// <param name="handler">The work.</param>
    public PipelineServer(int workers, int capacity, Func<int, int> handler)
        : base(handler)
    {
        _checking = Channel.CreateBounded<Request>(capacity);
        _working = Channel.CreateBounded<Request>(capacity);
        _answering = Channel.CreateBounded<(Request, int)>(capacity);
        _end = Task.WhenAll(
            Stage(1, CheckAll, _working.Writer),
            Stage(workers, WorkAll, _answering.Writer),
            Task.Run(AnswerAll));
    }

    /// <inheritdoc/>
    public override string Name => "pipeline of stages";

    /// <inheritdoc/>
    public override int Waiting => _checking.Reader.Count + _working.Reader.Count + _answering.Reader.Count;

    /// <inheritdoc/>
    [MightSleep]
    public override bool Submit(Request request) => SubmitAsync(request).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    [MightSleep]
    public override bool TrySubmit(Request request) => _checking.Writer.TryWrite(request);

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        // Each stage ends when the one before has and its channel is empty.
        _checking.Writer.TryComplete();
        _end.GetAwaiter().GetResult();
    }

    private async ValueTask<bool> SubmitAsync(Request request)
    {
        while (await _checking.Writer.WaitToWriteAsync())
        {
            if (_checking.Writer.TryWrite(request))
            {
                return true;
            }
        }

        return false;
    }

    // So many workers; when the last has ended, the next stage is told that nothing more comes.
    private static async Task Stage<T>(int workers, Func<Task> work, ChannelWriter<T> next)
    {
        var all = new Task[workers];
        for (int i = 0; i < workers; i++)
        {
            all[i] = Task.Run(work);
        }

        await Task.WhenAll(all);
        next.Complete();
    }

    private async Task CheckAll()
    {
        await foreach (Request request in _checking.Reader.ReadAllAsync())
        {
            if (request.Number < 0)
            {
                Fail(request, new ArgumentOutOfRangeException(nameof(request), request.Number, "A request's number is 0 or more."));
            }
            else
            {
                await _working.Writer.WriteAsync(request);
            }
        }
    }

    private async Task WorkAll()
    {
        await foreach (Request request in _working.Reader.ReadAllAsync())
        {
            int value;
            try
            {
                value = Work(request);
            }
            catch (Exception failure)
            {
                Fail(request, failure);
                continue;
            }

            await _answering.Writer.WriteAsync((request, value));
        }
    }

    private async Task AnswerAll()
    {
        await foreach ((Request request, int value) in _answering.Reader.ReadAllAsync())
        {
            Complete(request, value);
        }
    }
}
