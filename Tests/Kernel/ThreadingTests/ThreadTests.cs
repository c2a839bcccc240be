using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="Thread"/> and the task under it.</summary>
public static class ThreadTests
{
    /// <summary>States, names and <c>Join</c>, seen from both sides.</summary>
    [KernelTest("thread.a_thread_is_a_task_with_its_name")]
    public static void NamesAndStates()
    {
        using ManualResetEventSlim end = new();
        Thread thread = new(() => end.Wait()) { Name = "first name" };
        Check.Equal(ThreadState.Unstarted, thread.ThreadState);
        Check.Throws<ThreadStateException>(() => thread.Join());
        thread.Start();
        TaskStruct task = Support.TaskOf(thread);
        Support.UntilWaitsIn(thread, "ManualResetEventSlim.Wait");
        Check.Equal("first name", task.Name);
        thread.Name = "second name";
        Check.Equal("second name", task.Name);
        Check.True(thread.IsAlive);
        Check.Equal(ThreadState.WaitSleepJoin, thread.ThreadState & ThreadState.WaitSleepJoin);
        Check.False(thread.Join(0));
        Check.Throws<ThreadStateException>(() => thread.Start());
        end.Set();
        Support.Join(thread);
        Check.False(thread.IsAlive);
        Check.Equal(ThreadState.Stopped, thread.ThreadState);
        Check.True(thread.Join(0));
    }

    /// <summary>The five priorities are nice values, before and after the start, and a change from the kernel's side shows in .NET.</summary>
    [KernelTest("thread.priorities_are_nice_values")]
    public static void Priorities()
    {
        (ThreadPriority Priority, int Nice)[] levels =
        [
            (ThreadPriority.Lowest, 10), (ThreadPriority.BelowNormal, 5), (ThreadPriority.Normal, 0), (ThreadPriority.AboveNormal, -5), (ThreadPriority.Highest, -10),
        ];
        foreach ((ThreadPriority priority, int nice) in levels)
        {
            using ManualResetEventSlim end = new();
            Thread thread = new(() => end.Wait()) { Priority = priority };
            Check.Equal(priority, thread.Priority);
            thread.Start();
            TaskStruct task = Support.TaskOf(thread);
            Check.Equal(nice, task.Nice);
            Check.Equal(priority, thread.Priority);
            foreach ((ThreadPriority other, int otherNice) in levels)
            {
                thread.Priority = other;
                Check.Equal(otherNice, task.Nice);
                Check.Equal(other, thread.Priority);
            }

            task.SetNice(19);
            Check.Equal(ThreadPriority.Lowest, thread.Priority);
            task.SetNice(-4);
            Check.Equal(ThreadPriority.AboveNormal, thread.Priority);
            end.Set();
            Support.Join(thread);
            Check.Throws<ThreadStateException>(() => thread.Priority = ThreadPriority.Normal);
        }
    }

    /// <summary>A task that the kernel started has a Thread object as soon as it asks, and the same mapping; one above all nice values keeps its place.</summary>
    [KernelTest("thread.a_kernel_task_is_a_thread_too")]
    public static void KernelTasksAreThreads()
    {
        KernelTask.Start("plain", () =>
        {
            Check.True(KernelTask.Current.ManagedThread is null);
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            Check.True(ReferenceEquals(Thread.CurrentThread, KernelTask.Current.ManagedThread));
            Check.Equal(5, KernelTask.Current.Nice);
            Check.Equal("plain", KernelTask.Current.Name);
            Thread.CurrentThread.Name = "named";
            Check.Equal("named", KernelTask.Current.Name);
        }).Join(out _);
        bool refused = false;
        KernelTask.Start(new TaskOptions { Name = "urgent", Scheduling = SchedulingParameters.Fifo(10) }, () =>
        {
            Check.Equal(ThreadPriority.Highest, Thread.CurrentThread.Priority);
            Check.Throws<ThreadStateException>(() => Thread.CurrentThread.Priority = ThreadPriority.Lowest);
            refused = KernelTask.Current.GetScheduling() == SchedulingParameters.Fifo(10);
        }).Join(out _);
        Check.True(refused);
    }

    /// <summary><c>maxStackSize</c> is the task's stack, and can be used.</summary>
    [KernelTest("thread.the_stack_has_the_size_asked_for")]
    public static void StackSizes()
    {
        Check.InRange(256 * 1024 - 4096, 256 * 1024 + 4096, StackOf(0, 100 * 1024));
        Check.InRange(2048 * 1024 - 4096, 2048 * 1024 + 4096, StackOf(2048 * 1024, 1900 * 1024));
        Check.InRange(64 * 1024 - 4096, 64 * 1024 + 4096, StackOf(64 * 1024, 30 * 1024));

        static int StackOf(int size, int use)
        {
            int found = 0;
            int reached = 0;
            Thread thread = new(
                () =>
                {
                    found = KernelTask.Current.StackUse.Size;
                    reached = UseStack(use);
                },
                size);
            thread.Start();
            Support.Join(thread);
            Check.Equal(use, reached);
            return found;
        }
    }

    /// <summary>An interrupt ends each kind of wait, once; before a wait, it ends the next one; the lock of <c>Monitor.Wait</c> is held again after it.</summary>
    [KernelTest("thread.interrupt_ends_waits")]
    public static void Interrupts()
    {
        object gate = new();
        using SemaphoreSlim semaphore = new(0);
        using ManualResetEvent ended = new(false);
        Interrupted("Thread.Sleep", () => Thread.Sleep(Timeout.Infinite));
        Interrupted("SemaphoreSlim.Wait", () => semaphore.Wait());
        Interrupted("WaitHandle.WaitOne", () => ended.WaitOne());
        Interrupted("Task.Wait", () => new TaskCompletionSource().Task.Wait());
        bool held = false;
        Interrupted("Monitor.Wait", () =>
        {
            lock (gate)
            {
                try
                {
                    Monitor.Wait(gate);
                }
                finally
                {
                    held = Monitor.IsEntered(gate);
                }
            }
        });
        Check.True(held);
        lock (gate)
        {
            Interrupted("Monitor.Enter", () =>
            {
                lock (gate)
                {
                    Check.Fail("the lock is held elsewhere");
                }
            });
        }

        using ManualResetEventSlim go = new();
        bool pending = false;
        bool only = false;
        Thread later = Support.Start(() =>
        {
            while (!go.IsSet)
            {
                Thread.SpinWait(100);
                Thread.Yield();
            }

            pending = Throws(() => Thread.Sleep(1));
            only = !Throws(() => Thread.Sleep(1));
        });
        later.Interrupt();
        go.Set();
        Support.Join(later);
        Check.True(pending);
        Check.True(only);

        static void Interrupted(string call, Action wait)
        {
            bool thrown = false;
            Thread thread = Support.Start(() => thrown = Throws(wait), call);
            Support.UntilWaitsIn(thread, call);
            thread.Interrupt();
            Support.Join(thread);
            Check.True(thrown, $"{call} throws");
        }

        static bool Throws(Action wait)
        {
            try
            {
                wait();
                return false;
            }
            catch (ThreadInterruptedException)
            {
                return true;
            }
        }
    }

    /// <summary>Threads see the processors that are online, and the one that they run on.</summary>
    [KernelTest("thread.processors_are_those_online")]
    public static void Processors()
    {
        Check.Equal(RunQueues.Online.Count, Environment.ProcessorCount);
        TestTasks.OnEveryCpu(cpu => Check.Equal(cpu, Thread.GetCurrentProcessorId()));
    }

    /// <summary>Yielding and spinning let another thread of the same processor go on: the flag could never be set otherwise.</summary>
    [KernelTest("thread.yield_and_spin_let_others_run")]
    public static void YieldAndSpin()
    {
        int cpu = RunQueues.Online.First;
        Action<Func<bool>>[] ways =
        [
            done =>
            {
                while (!done())
                {
                    Thread.Yield();
                }
            },
            done =>
            {
                while (!done())
                {
                    Thread.Sleep(0);
                }
            },
            done => SpinWait.SpinUntil(done),
            done =>
            {
                SpinWait spinner = default;
                while (!done())
                {
                    spinner.SpinOnce(sleep1Threshold: -1);
                }
            },
        ];
        foreach (Action<Func<bool>> way in ways)
        {
            int turn = 0;
            TestTasks.Run(2, i => new TaskOptions { Name = $"turn-{i}", Affinity = CpuSet.Of(cpu) }, me =>
            {
                for (int i = 0; i < 20; i++)
                {
                    way(() => Volatile.Read(ref turn) % 2 == me);
                    Interlocked.Increment(ref turn);
                }
            });
            Check.Equal(40, turn);
        }
    }

    /// <summary>A sleep takes no less than it was asked for.</summary>
    [KernelTest("thread.sleep_is_not_too_short")]
    public static void Sleeps()
    {
        foreach (int milliseconds in (int[])[1, 2, 15, 40])
        {
            Support.TakesAtLeast(milliseconds, () => Thread.Sleep(milliseconds));
        }
    }

    /// <summary>A thread starts with the culture of nobody else, and a task with that of its creator.</summary>
    [KernelTest("thread.culture_belongs_to_a_thread_and_flows_to_tasks")]
    public static void Cultures()
    {
        CultureInfo mine = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        mine.NumberFormat.NumberDecimalSeparator = ";";
        Support.RunAll(() =>
        {
            CultureInfo.CurrentCulture = mine;
            Check.Equal("1;5", 1.5.ToString());
            Check.Equal("1;5", Task.Run(() => 1.5.ToString()).Result);
        });
        Support.RunAll(() => Check.Equal("1.5", 1.5.ToString()));
    }

    /// <summary>New threads are foreground, those of the pool and of the kernel background; it can be changed.</summary>
    [KernelTest("thread.background_is_a_property")]
    public static void Background()
    {
        Support.RunAll(() =>
        {
            Check.False(Thread.CurrentThread.IsBackground);
            Thread.CurrentThread.IsBackground = true;
            Check.True(Thread.CurrentThread.IsBackground);
        });
        Check.True(Task.Run(() => Thread.CurrentThread.IsBackground && Thread.CurrentThread.IsThreadPoolThread).Result);
        bool background = false;
        KernelTask.Start("kernel", () => background = Thread.CurrentThread.IsBackground && !Thread.CurrentThread.IsThreadPoolThread).Join(out _);
        Check.True(background);
    }

    /// <summary>Many threads at once: all run, and nothing of them is left.</summary>
    [KernelTest("thread.hundreds_of_threads_leave_no_task")]
    public static void Many()
    {
        const int count = 300;
        int ran = 0;
        using ManualResetEventSlim all = new();
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            threads[i] = new Thread(
                () =>
                {
                    if (Interlocked.Increment(ref ran) == count)
                    {
                        all.Set();
                    }

                    all.Wait();
                },
                32 * 1024)
            { Name = "one of many" };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            Support.Join(thread);
        }

        Check.Equal(count, ran);
        Support.Until(
            () =>
            {
                for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
                {
                    if (task.Name == "one of many")
                    {
                        return false;
                    }
                }

                return true;
            },
            "all their tasks are released");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int UseStack(int bytes)
    {
        const int step = 1024;
        if (bytes < step)
        {
            return bytes;
        }

        Span<byte> frame = stackalloc byte[step - 128];
        frame.Fill(1);
        return UseStack(bytes - step) + frame[0] + step - 1;
    }

    private static void Join(this TaskStruct task, out TaskExit exit)
    {
        exit = task.Join();
        Check.Equal(TaskExitReason.Exited, exit.Reason, $"how {task} ended");
    }
}
