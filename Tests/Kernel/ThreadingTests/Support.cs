using System;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Runtime;

namespace CosmosKernel.Tests.Threading;

/// <summary>What the tests share: threads whose failures come out of the test, and waiting for what another thread does.</summary>
internal static class Support
{
    /// <summary>After this time a test that waits is stuck: the hosts are busy, so it is long.</summary>
    public const int Patience = 60_000;

    private const ulong Poll = 100_000;

    /// <summary>Runs all actions at once, each in a thread, and waits for them; what one of them throws comes out.</summary>
    public static void RunAll(params Action[] actions)
    {
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = Array.ConvertAll(actions, action => Start(() =>
        {
            try
            {
                action();
            }
            catch (Exception thrown)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(thrown), null);
            }
        }));
        foreach (Thread thread in threads)
        {
            Join(thread);
        }

        failure?.Throw();
    }

    /// <summary>The same action in a number of threads; it gets the thread's number.</summary>
    public static void RunMany(int count, Action<int> action)
    {
        Action[] actions = new Action[count];
        for (int i = 0; i < count; i++)
        {
            int me = i;
            actions[i] = () => action(me);
        }

        RunAll(actions);
    }

    /// <summary>Starts a thread.</summary>
    public static Thread Start(Action action, string? name = null)
    {
        Thread thread = new(() => action()) { Name = name };
        thread.Start();
        return thread;
    }

    /// <summary>Waits for the end of a thread.</summary>
    public static void Join(Thread thread) => Check.True(thread.Join(Patience), "the thread ends");

    /// <summary>Waits until something holds that other threads bring about.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Check.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds < Patience, what);
            KernelTask.Sleep(Poll);
        }
    }

    /// <summary>Waits until a thread sleeps in the .NET call of this name.</summary>
    public static void UntilWaitsIn(Thread thread, string call) => UntilWaitsIn(TaskOf(thread), call);

    /// <summary>Waits until a task sleeps in the .NET call of this name.</summary>
    public static void UntilWaitsIn(TaskStruct task, string call)
    {
        string last = "";
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string now = ManagedWait.Describe(task);
            if (now == call)
            {
                return;
            }

            last = now.Length > 0 ? now : last;
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > Patience)
            {
                Check.Equal(call, last, $"what {task} waits for");
            }

            KernelTask.Sleep(Poll);
        }
    }

    /// <summary>The task of a thread that has started and not ended.</summary>
    public static TaskStruct TaskOf(Thread thread)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (ReferenceEquals(task.ManagedThread, thread))
            {
                return task;
            }
        }

        Check.Fail($"no task has the thread {thread.Name}");
        return null;
    }

    /// <summary>
    /// Fails if an action took less than a time. CoreLib counts time-outs in whole milliseconds of the clock, so that one which is almost over may be taken for a whole
    /// one: on any system a wait may be up to a millisecond shorter than asked for.
    /// </summary>
    public static void TakesAtLeast(int milliseconds, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        Check.InRange(milliseconds - 1.0, double.MaxValue, Stopwatch.GetElapsedTime(start).TotalMilliseconds, "milliseconds that it took");
    }
}
