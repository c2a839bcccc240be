using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="Task"/>, <c>async</c> and <c>await</c>, <see cref="CancellationToken"/>.</summary>
public static class AsyncTests
{
    /// <summary>What a task throws comes out of <c>await</c> as it is, of <c>Wait</c> in an AggregateException, and of <c>WhenAll</c> completely.</summary>
    [KernelTest("thread.exceptions_come_out_of_tasks")]
    public static void Exceptions()
    {
        Task failed = Task.Run(() => throw new FormatException("one"));
        Check.Equal("one", Check.Throws<AggregateException>(failed.Wait).InnerException!.Message);
        Check.Equal("one", Check.Throws<FormatException>(() => failed.GetAwaiter().GetResult()).Message);
        Task both = Task.WhenAll(failed, Task.Run(() => throw new ArgumentException("two")), Task.Run(() => 3));
        Check.Equal(2, Check.Throws<AggregateException>(both.Wait).InnerExceptions.Count);
        Check.True(both.IsFaulted);
        Check.Equal("finally one", Caught().Result);
        Task<string> rescued = failed.ContinueWith(task => task.Exception!.InnerException!.Message, TaskContinuationOptions.OnlyOnFaulted);
        Check.Equal("one", rescued.Result);
        Task skipped = failed.ContinueWith(_ => { }, TaskContinuationOptions.OnlyOnRanToCompletion);
        Check.Throws<AggregateException>(skipped.Wait);
        Check.True(skipped.IsCanceled);

        async Task<string> Caught()
        {
            string said = "";
            try
            {
                await Task.Yield();
                await failed;
            }
            catch (FormatException e)
            {
                await Task.Delay(1);
                said += e.Message;
            }
            finally
            {
                await Task.Yield();
                said = "finally " + said;
            }

            return said;
        }
    }

    /// <summary>A chain of awaits over many threads computes what straight code does.</summary>
    [KernelTest("thread.awaits_nest_and_fan_out")]
    public static void Awaits()
    {
        Check.Equal(Fibonacci(16), Parallel(16).Result);
        Check.Equal(5050, SumOf(100).Result);
        Task<int> first = Task.WhenAny(Task.Delay(Timeout.Infinite).ContinueWith(_ => 0), Task.Run(() => 7)).Unwrap();
        Check.Equal(7, first.Result);
        TaskCompletionSource<int> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> dependent = Next(source.Task);
        Check.False(dependent.IsCompleted);
        Check.True(source.TrySetResult(41));
        Check.False(source.TrySetResult(0));
        Check.Equal(42, dependent.Result);

        static int Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);

        static async Task<int> Parallel(int n)
        {
            if (n < 2)
            {
                return n;
            }

            Task<int> left = Task.Run(() => Parallel(n - 1));
            int right = await Parallel(n - 2);
            return right + await left;
        }

        static async Task<int> SumOf(int n)
        {
            int sum = 0;
            await foreach (int value in Count(n))
            {
                sum += value;
            }

            return sum;
        }

        static async IAsyncEnumerable<int> Count(int n, [EnumeratorCancellation] CancellationToken token = default)
        {
            for (int i = 1; i <= n; i++)
            {
                token.ThrowIfCancellationRequested();
                await Task.Yield();
                yield return i;
            }
        }

        static async Task<int> Next(Task<int> task) => await task + 1;
    }

    /// <summary>A delay is not too short, and ends early when it is cancelled.</summary>
    [KernelTest("thread.delays_are_not_too_short")]
    public static void Delays()
    {
        foreach (int milliseconds in (int[])[1, 10, 35])
        {
            Support.TakesAtLeast(milliseconds, () => Task.Delay(milliseconds).Wait());
        }

        using CancellationTokenSource source = new();
        Task endless = Task.Delay(Timeout.Infinite, source.Token);
        Check.False(endless.Wait(5));
        source.CancelAfter(5);
        Check.Throws<AggregateException>(endless.Wait);
        Check.True(endless.IsCanceled);
        Check.Throws<TimeoutException>(() => Task.Delay(Timeout.Infinite).WaitAsync(TimeSpan.FromMilliseconds(5)).GetAwaiter().GetResult());
    }

    /// <summary>Cancelling reaches what listens, once, in the right order; linked sources and tasks that have not begun, too.</summary>
    [KernelTest("thread.cancellation_reaches_everything")]
    public static void Cancellation()
    {
        using CancellationTokenSource source = new();
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(source.Token, new CancellationToken(false));
        List<int> calls = [];
        source.Token.Register(() => calls.Add(1));
        source.Token.Register(() => calls.Add(2));
        CancellationTokenRegistration removed = source.Token.Register(() => calls.Add(3));
        Check.True(removed.Unregister());
        linked.Token.Register(() => calls.Add(4));
        using ManualResetEventSlim begun = new();
        Task running = Task.Run(
            () =>
            {
                begun.Set();
                while (true)
                {
                    linked.Token.ThrowIfCancellationRequested();
                    Thread.Yield();
                }
            },
            linked.Token);
        begun.Wait();
        Task waiting = Task.Run(() => linked.Token.WaitHandle.WaitOne());
        source.Cancel();
        Check.Throws<AggregateException>(running.Wait);
        Check.True(running.IsCanceled);
        Check.True(waiting.Wait(Support.Patience));
        Check.Equal(3, calls.Count);
        Check.True(calls.IndexOf(2) < calls.IndexOf(1));
        bool ran = false;
        Task never = Task.Run(() => ran = true, source.Token);
        Check.Throws<AggregateException>(never.Wait);
        Check.True(never.IsCanceled);
        Check.False(ran);
        source.Token.Register(() => calls.Add(5));
        Check.Equal(5, calls[3]);
        Check.Throws<OperationCanceledException>(() => Cancelled(source.Token).GetAwaiter().GetResult());

        static async Task Cancelled(CancellationToken token)
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A long-running task has a thread of its own; exclusive schedulers exclude; continuations go where their context says.</summary>
    [KernelTest("thread.tasks_run_where_they_are_told")]
    public static void Schedulers()
    {
        Task<bool> own = Task.Factory.StartNew(() => Thread.CurrentThread.IsThreadPoolThread, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Check.False(own.Result);
        ConcurrentExclusiveSchedulerPair pair = new();
        int inside = 0;
        int overlaps = 0;
        Task[] tasks = new Task[50];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = Task.Factory.StartNew(
                () =>
                {
                    overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
                    Thread.Yield();
                    Interlocked.Decrement(ref inside);
                },
                CancellationToken.None,
                TaskCreationOptions.None,
                pair.ExclusiveScheduler);
        }

        Check.True(Task.WaitAll(tasks, Support.Patience));
        Check.Equal(0, overlaps);

        // All that this context gets runs on one thread, in order.
        LoopContext context = new();
        int thread = -1;
        List<int> threads = [];
        Thread loop = Support.Start(() =>
        {
            thread = Environment.CurrentManagedThreadId;
            SynchronizationContext.SetSynchronizationContext(context);
            Task work = Work();
            work.ContinueWith(_ => context.End(), TaskScheduler.Default);
            context.Run();
            work.Wait();
        });
        Support.Join(loop);
        Check.SequenceEqual<int>([thread, thread, thread], threads.ToArray());

        async Task Work()
        {
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Delay(1);
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Run(() => { });
            threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    /// <summary>Thousands of tasks that wait for each other in a ring all end.</summary>
    [KernelTest("thread.thousands_of_tasks_in_a_ring")]
    public static void Ring()
    {
        const int count = 2000;
        TaskCompletionSource<int>[] places = new TaskCompletionSource<int>[count + 1];
        for (int i = 0; i <= count; i++)
        {
            places[i] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        for (int i = 0; i < count; i++)
        {
            _ = Pass(places[i].Task, places[i + 1]);
        }

        places[0].SetResult(0);
        Check.True(places[count].Task.Wait(Support.Patience));
        Check.Equal(count, places[count].Task.Result);

        static async Task Pass(Task<int> before, TaskCompletionSource<int> after) => after.SetResult(await before + 1);
    }

    private sealed class LoopContext : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

        public void Run()
        {
            foreach ((SendOrPostCallback callback, object? state) in _queue.GetConsumingEnumerable())
            {
                callback(state);
            }
        }

        public void End() => _queue.CompleteAdding();
    }
}
