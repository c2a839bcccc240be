using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace CosmosKernel.Programs;

/// <summary>Tasks on the thread pool, awaits, parallel loops, channels and cancellation.</summary>
internal static class TaskScenario
{
    public static async Task RunAsync()
    {
        int[] squares = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => Task.Run(async () =>
        {
            await Task.Yield();
            return i * i % 1_000;
        })));
        Expect.Equal(Enumerable.Range(0, 2_000).Sum(i => i * i % 1_000), squares.Sum(), "the sum over tasks");

        long sum = 0;
        Parallel.For(0, 100_000, () => 0L, (i, _, local) => local + i, local => Interlocked.Add(ref sum, local));
        Expect.Equal(100_000L * 99_999 / 2, sum, "the sum of a parallel loop");
        Expect.Equal(333, Enumerable.Range(0, 1_000).AsParallel().Count(i => i % 3 == 1), "the count of a parallel query");

        await PassThroughChannelAsync();
        await CancelAsync();
    }

    private static async Task PassThroughChannelAsync()
    {
        var channel = Channel.CreateBounded<int>(16);
        Task[] writers = [.. Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                await channel.Writer.WriteAsync((w * 1_000) + i);
            }
        }))];
        Task<long>[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            long read = 0;
            await foreach (int item in channel.Reader.ReadAllAsync())
            {
                read += item;
            }

            return read;
        }))];
        await Task.WhenAll(writers);
        channel.Writer.Complete();
        Expect.Equal(4_000L * 3_999 / 2, (await Task.WhenAll(readers)).Sum(), "the sum of what went through a channel");
    }

    private static async Task CancelAsync()
    {
        using var cancellation = new CancellationTokenSource();
        Task waiting = Task.Delay(Timeout.Infinite, cancellation.Token);
        await cancellation.CancelAsync();
        bool canceled = false;
        try
        {
            await waiting;
        }
        catch (TaskCanceledException)
        {
            canceled = true;
        }

        Expect.True(canceled, "the cancellation of a wait");
    }
}
