using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>Runs the three servers one after the other, with clients that ask for more than they can do, and shows what they are at.</summary>
internal sealed class ServersCommand : ConsoleCommand
{
    private const int Clients = 8;
    private const int Workers = 3;
    private const int Capacity = 16;
    private const int DefaultSeconds = 3;
    private const ulong LineNanoseconds = 250_000_000;

    /// <inheritdoc/>
    public override string Name => "servers";

    /// <inheritdoc/>
    public override string Usage => "[SECONDS]";

    /// <inheritdoc/>
    public override string Summary => "watch three shapes of servers under load";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        $"Each runs SECONDS ({DefaultSeconds}) with {Clients} clients, {Workers} workers and room for {Capacity} waiting requests;",
        "one request in ten fails on purpose. At the end the server is stopped and has",
        "answered all that it accepted. q ends at once; ps in between shows the threads.",
    ];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        int seconds = context.Arguments.Count == 0 ? DefaultSeconds : CommandContext.ParseNumber("seconds", context.Arguments[0], 1, 3600);
        Func<Server>[] shapes =
        [
            () => new DispatcherServer(Workers, Capacity, Work),
            () => new TeamServer(Workers, Capacity, Work),
            () => new PipelineServer(Workers, Capacity, Work),
        ];
        foreach (Func<Server> shape in shapes)
        {
            if (!Watch(context, shape(), (ulong)seconds * 1_000_000_000))
            {
                return;
            }
        }
    }

    private static bool Watch(CommandContext context, Server server, ulong duration)
    {
        context.WriteLine($"{server.Name}: {Clients} clients, {Workers} workers, room for {Capacity}");
        long accepted = 0;
        bool goOn = true;
        Thread[] clients = new Thread[Clients];
        for (int i = 0; i < Clients; i++)
        {
            int first = i;
            clients[i] = new Thread(() =>
            {
                for (int n = first; server.Submit(new Request(n)); n += Clients)
                {
                    Interlocked.Increment(ref accepted);
                }
            })
            {
                Name = $"client-{i}",
            };
            clients[i].Start();
        }

        try
        {
            ulong end = Clock.MonotonicNanoseconds + duration;
            while (goOn && Clock.MonotonicNanoseconds < end)
            {
                goOn = !(context.ReadKey(out Key key, Math.Min(end, Clock.MonotonicNanoseconds + LineNanoseconds)) && key.Is('q'));
                context.WriteLine($"  waiting {server.Waiting,3}  in progress {server.InProgress,2}  answered {server.Answered,7}  of these failed {server.Failed,6}");
            }
        }
        finally
        {
            // Ctrl-C comes as an exception: the server is stopped in order all the same.
            server.Stop();
            Array.ForEach(clients, client => client.Join());
        }

        context.WriteLine($"  stopped: {Interlocked.Read(ref accepted)} accepted, {server.Answered} answered, never more than {server.MostInProgress} at once");
        return goOn;
    }

    // About a millisecond of thinking and waiting.
    private static int Work(int number)
    {
        Thread.SpinWait(20_000);
        Thread.Sleep(1);
        return number % 10 == 9 ? throw new InvalidOperationException("every tenth request fails") : number * 2;
    }
}
