using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>What every server promises, proved for each shape.</summary>
public static class ServerTests
{
    private const int Patience = 60_000;
    private const int Workers = 3;
    private const int Capacity = 5;

    /// <summary>Listener and dispatcher: each request is answered exactly once, failed ones too.</summary>
    [KernelTest("thread.server.dispatcher_answers_exactly_once")]
    public static void DispatcherAnswers() => AnswersExactlyOnce(work => new DispatcherServer(Workers, Capacity, work));

    /// <summary>Team of equals: each request is answered exactly once, failed ones too.</summary>
    [KernelTest("thread.server.team_answers_exactly_once")]
    public static void TeamAnswers() => AnswersExactlyOnce(work => new TeamServer(Workers, Capacity, work));

    /// <summary>Pipeline: each request is answered exactly once, failed ones too.</summary>
    [KernelTest("thread.server.pipeline_answers_exactly_once")]
    public static void PipelineAnswers() => AnswersExactlyOnce(work => new PipelineServer(Workers, Capacity, work));

    /// <summary>Listener and dispatcher: bounds, back-pressure, and an orderly end.</summary>
    [KernelTest("thread.server.dispatcher_holds_back_and_drains")]
    public static void DispatcherDrains() => HoldsBackAndDrains(work => new DispatcherServer(Workers, Capacity, work), mostAccepted: Workers + 1 + Capacity);

    /// <summary>Team of equals: bounds, back-pressure, and an orderly end.</summary>
    [KernelTest("thread.server.team_holds_back_and_drains")]
    public static void TeamDrains() => HoldsBackAndDrains(work => new TeamServer(Workers, Capacity, work), mostAccepted: Workers + Capacity);

    /// <summary>Pipeline: bounds, back-pressure, and an orderly end. The checking stage holds one more.</summary>
    [KernelTest("thread.server.pipeline_holds_back_and_drains")]
    public static void PipelineDrains() => HoldsBackAndDrains(work => new PipelineServer(Workers, Capacity, work), mostAccepted: Workers + 1 + (2 * Capacity));

    /// <summary>A request that no stage can use is answered by the first one and never worked on.</summary>
    [KernelTest("thread.server.pipeline_refuses_bad_requests_early")]
    public static void PipelineRefuses()
    {
        int worked = 0;
        PipelineServer server = new(Workers, Capacity, _ => Interlocked.Increment(ref worked));
        Request bad = new(-1);
        Check.True(server.Submit(bad));
        Check.True(Check.Throws<AggregateException>(() => bad.Answer.Wait(Patience)).InnerException is ArgumentOutOfRangeException);
        server.Stop();
        Check.Equal(0, worked);
    }

    private static void AnswersExactlyOnce(Func<Func<int, int>, Server> start)
    {
        const int clients = 6;
        const int requests = 150;
        Server server = start(number =>
        {
            if (number % 7 == 0)
            {
                Thread.Yield();
            }

            return number % 10 == 9 ? throw new FormatException($"{number}") : number * 3;
        });
        Request[][] all = new Request[clients][];
        TestTasks.Run(clients, i => new TaskOptions { Name = $"client-{i}", StackBytes = 256 * 1024 }, me =>
        {
            all[me] = new Request[requests];
            for (int i = 0; i < requests; i++)
            {
                Request request = new((me * requests) + i);
                all[me][i] = request;
                Check.True(server.Submit(request));
            }
        });
        server.Stop();
        int failed = 0;
        foreach (Request[] ofClient in all)
        {
            foreach (Request request in ofClient)
            {
                Check.True(request.Answer.IsCompleted, "a stopped server has answered");
                Check.Equal(1, request.TimesAnswered);
                if (request.Number % 10 == 9)
                {
                    failed++;
                    Check.Equal($"{request.Number}", Check.Throws<FormatException>(() => request.Answer.GetAwaiter().GetResult()).Message);
                }
                else
                {
                    Check.Equal(request.Number * 3, request.Answer.Result);
                }
            }
        }

        Check.Equal((long)clients * requests, server.Answered);
        Check.Equal((long)failed, server.Failed);
        Check.InRange(1, Workers, server.MostInProgress);
        Check.Equal(0, server.InProgress);
    }

    private static void HoldsBackAndDrains(Func<Func<int, int>, Server> start, int mostAccepted)
    {
        using ManualResetEventSlim gate = new();
        Server server = start(number =>
        {
            gate.Wait();
            return number;
        });

        // With the gate closed nothing is ever answered, so it fills up: as many in progress as there are workers, the rest waiting, and then no more.
        List<Request> accepted = [];
        long limit = Environment.TickCount64 + Patience;
        while (accepted.Count < mostAccepted)
        {
            Check.True(Environment.TickCount64 < limit, $"{accepted.Count} of {mostAccepted} accepted");
            Request request = new(accepted.Count);
            if (server.TrySubmit(request))
            {
                accepted.Add(request);
            }
            else
            {
                Thread.Sleep(1);
            }
        }

        for (int i = 0; i < 20; i++)
        {
            Check.False(server.TrySubmit(new Request(-1)), "a full server takes another request");
            Thread.Yield();
        }

        // The dispatcher's have been given to the pool, which may still have to make threads for them.
        while (server.InProgress != Workers)
        {
            Check.True(Environment.TickCount64 < limit, $"{server.InProgress} of {Workers} in progress");
            Thread.Sleep(1);
        }

        Check.Equal(0L, server.Answered);

        // A client that waits to get in is answered or refused, one of the two; it blocks neither the others nor the end.
        Request late = new(1000);
        bool lateAccepted = false;
        Thread client = new(() => lateAccepted = server.Submit(late));
        client.Start();
        Task stop = Task.Factory.StartNew(server.Stop, TaskCreationOptions.LongRunning);
        Check.False(stop.Wait(20));
        gate.Set();
        Check.True(stop.Wait(Patience), "the server stops");
        Check.True(client.Join(Patience), "the late client is not forgotten");
        foreach (Request request in accepted)
        {
            Check.True(request.Answer.IsCompletedSuccessfully, "what was accepted is answered");
            Check.Equal(request.Number, request.Answer.Result);
            Check.Equal(1, request.TimesAnswered);
        }

        Check.Equal(lateAccepted ? 1 : 0, late.TimesAnswered);
        Check.Equal(Workers, server.MostInProgress);
        Request refused = new(1001);
        Check.False(server.TrySubmit(refused));
        Check.False(server.Submit(refused));
        Check.Equal(0, refused.TimesAnswered);
    }
}
