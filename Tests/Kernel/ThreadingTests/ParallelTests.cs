using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="Parallel"/>, PLINQ, <see cref="Channel{T}"/> and the concurrent collections.</summary>
public static class ParallelTests
{
    /// <summary>Every index once; sums over thread-local parts; a break, a stop, exceptions, cancellation and the bound on threads do what they say.</summary>
    [KernelTest("thread.parallel_loops")]
    public static void Loops()
    {
        int[] hits = new int[5000];
        long sum = 0;
        Parallel.For(0, hits.Length, () => 0L, (i, _, part) => part + Interlocked.Increment(ref hits[i]) * i, part => Interlocked.Add(ref sum, part));
        Check.True(hits.All(n => n == 1));
        Check.Equal(5000L * 4999 / 2, sum);
        bool[] done = new bool[1000];
        ParallelLoopResult broken = Parallel.For(0, done.Length, (i, state) =>
        {
            done[i] = true;
            if (i == 300)
            {
                state.Break();
            }
        });
        Check.Equal(300L, broken.LowestBreakIteration!.Value);
        Check.True(done.Take(301).All(d => d));
        AggregateException e = Check.Throws<AggregateException>(() => Parallel.For(0, 100, i =>
        {
            if (i % 50 == 49)
            {
                throw new FormatException();
            }
        }));
        Check.True(e.InnerExceptions.Count is >= 1 and <= 2 && e.InnerExceptions.All(inner => inner is FormatException));
        using CancellationTokenSource source = new();
        Check.Throws<OperationCanceledException>(() => Parallel.For(0, 1_000_000, new ParallelOptions { CancellationToken = source.Token }, i =>
        {
            if (i == 10)
            {
                source.Cancel();
            }
        }));
        int inside = 0;
        int over = 0;
        Parallel.ForEach(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ =>
        {
            if (Interlocked.Increment(ref inside) > 2)
            {
                Interlocked.Increment(ref over);
            }

            Thread.Yield();
            Interlocked.Decrement(ref inside);
        });
        Check.Equal(0, over);
        int invoked = 0;
        Parallel.Invoke(() => Interlocked.Add(ref invoked, 1), () => Interlocked.Add(ref invoked, 2), () => Interlocked.Add(ref invoked, 4));
        Check.Equal(7, invoked);
        int awaited = 0;
        Parallel.ForEachAsync(Enumerable.Range(1, 100), async (i, token) =>
        {
            await Task.Yield();
            Interlocked.Add(ref awaited, i);
        }).Wait();
        Check.Equal(5050, awaited);
    }

    /// <summary>Parallel queries give what sequential ones do, in order where that is asked for.</summary>
    [KernelTest("thread.parallel_queries")]
    public static void Queries()
    {
        int[] numbers = [.. Enumerable.Range(0, 5000)];
        int[] expected = [.. numbers.Where(n => n % 3 == 0).Select(n => n * n)];
        Check.SequenceEqual<int>(expected, numbers.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Where(n => n % 3 == 0).Select(n => n * n).ToArray());
        int[] any = numbers.AsParallel().Where(n => n % 3 == 0).Select(n => n * n).ToArray();
        Array.Sort(any);
        Check.SequenceEqual<int>(expected, any);
        Check.Equal(numbers.Sum(n => (long)n), numbers.AsParallel().Sum(n => (long)n));
        Check.SequenceEqual<int>([.. numbers.OrderByDescending(n => (n % 100 * 10_000) + n)], numbers.AsParallel().OrderByDescending(n => (n % 100 * 10_000) + n).ToArray());
        Dictionary<int, int> groups = numbers.AsParallel().GroupBy(n => n % 7).ToDictionary(group => group.Key, group => group.Count());
        Check.Equal(5000, groups.Values.Sum());
        Check.Equal(715, groups[0]);
        Check.Throws<AggregateException>(() => numbers.AsParallel().Select(n => n == 777 ? throw new FormatException() : n).Sum());
        using CancellationTokenSource source = new();
        Check.Throws<OperationCanceledException>(() => numbers.AsParallel().WithCancellation(source.Token).ForAll(n => source.Cancel()));
    }

    /// <summary>A bounded channel holds writers back, hands over in order, and says how it ended.</summary>
    [KernelTest("thread.channels_hold_back_and_complete")]
    public static void Channels()
    {
        Channel<int> channel = Channel.CreateBounded<int>(3);
        Check.True(channel.Writer.TryWrite(0) && channel.Writer.TryWrite(1) && channel.Writer.TryWrite(2));
        Check.False(channel.Writer.TryWrite(3));
        ValueTask held = channel.Writer.WriteAsync(3);
        Check.False(held.IsCompleted);
        Check.Equal(0, channel.Reader.ReadAsync().AsTask().Result);
        Check.True(held.AsTask().Wait(Support.Patience));

        // Each writer's items arrive in its order, however many write and read.
        const int writers = 4;
        const int items = 500;
        Channel<(int Writer, int Item)> many = Channel.CreateBounded<(int, int)>(8);
        Task[] writing = new Task[writers];
        for (int w = 0; w < writers; w++)
        {
            int me = w;
            writing[w] = Task.Run(async () =>
            {
                for (int i = 0; i < items; i++)
                {
                    await many.Writer.WriteAsync((me, i));
                }
            });
        }

        Task<int> reading = Task.Run(async () =>
        {
            int[] next = new int[writers];
            int count = 0;
            await foreach ((int writer, int item) in many.Reader.ReadAllAsync())
            {
                Check.Equal(next[writer]++, item);
                count++;
            }

            return count;
        });
        Check.True(Task.WaitAll(writing, Support.Patience));
        many.Writer.Complete();
        Check.Equal(writers * items, reading.Result);
        Check.False(many.Writer.TryWrite((0, 0)));
        Check.Throws<ChannelClosedException>(() => many.Reader.ReadAsync().AsTask().GetAwaiter().GetResult());

        Channel<int> failing = Channel.CreateUnbounded<int>();
        failing.Writer.TryWrite(1);
        failing.Writer.Complete(new FormatException("broken"));
        Check.Equal(1, failing.Reader.ReadAsync().AsTask().Result);
        Check.Equal("broken", Check.Throws<FormatException>(() => failing.Reader.Completion.GetAwaiter().GetResult()).Message);

        Channel<int> dropping = Channel.CreateBounded<int>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropOldest });
        for (int i = 0; i < 5; i++)
        {
            Check.True(dropping.Writer.TryWrite(i));
        }

        Check.True(dropping.Reader.TryRead(out int oldest));
        Check.Equal(3, oldest);
    }

    /// <summary>The collections keep their promises while all processors work on them.</summary>
    [KernelTest("thread.concurrent_collections")]
    public static void Collections()
    {
        const int threads = 4;
        const int items = 1000;
        ConcurrentDictionary<int, Lazy<int>> dictionary = new();
        int made = 0;
        Support.RunMany(threads, me =>
        {
            for (int i = 0; i < items; i++)
            {
                int key = i;
                Check.Equal(key * 2, dictionary.GetOrAdd(key, k => new Lazy<int>(() =>
                {
                    Interlocked.Increment(ref made);
                    return k * 2;
                })).Value);
            }
        });
        Check.Equal(items, made);
        ConcurrentDictionary<string, int> counts = new();
        Support.RunMany(threads, me =>
        {
            for (int i = 0; i < items; i++)
            {
                counts.AddOrUpdate($"key {i % 10}", 1, (_, n) => n + 1);
            }
        });
        Check.Equal(threads * items, counts.Values.Sum());

        ConcurrentQueue<(int Thread, int Item)> queue = new();
        ConcurrentStack<int> stack = new();
        ConcurrentBag<int> bag = [];
        Support.RunMany(threads, me =>
        {
            for (int i = 0; i < items; i++)
            {
                queue.Enqueue((me, i));
                stack.Push(me * items + i);
                bag.Add(me * items + i);
            }
        });
        int[] next = new int[threads];
        while (queue.TryDequeue(out (int Thread, int Item) item))
        {
            Check.Equal(next[item.Thread]++, item.Item);
        }

        Check.True(next.All(n => n == items));
        ConcurrentDictionary<int, bool> taken = new();
        Support.RunMany(threads, me =>
        {
            while (stack.TryPop(out int item))
            {
                Check.True(taken.TryAdd(item, true));
            }
        });
        Check.Equal(threads * items, taken.Count);
        taken.Clear();
        Support.RunMany(threads, me =>
        {
            while (bag.TryTake(out int item))
            {
                Check.True(taken.TryAdd(item, true));
            }
        });
        Check.Equal(threads * items, taken.Count);

        using BlockingCollection<int> bounded = new(4);
        int over = 0;
        long sum = 0;
        Support.RunAll(
            () =>
            {
                for (int i = 1; i <= items; i++)
                {
                    bounded.Add(i);
                    over += bounded.Count > 4 ? 1 : 0;
                }

                bounded.CompleteAdding();
            },
            Take,
            Take);
        Check.Equal(0, over);
        Check.Equal((long)items * (items + 1) / 2, sum);
        Check.True(bounded.IsCompleted);

        void Take()
        {
            foreach (int item in bounded.GetConsumingEnumerable())
            {
                Interlocked.Add(ref sum, item);
            }
        }
    }
}
