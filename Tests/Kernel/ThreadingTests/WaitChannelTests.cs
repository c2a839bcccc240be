using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Runtime;
using Mutex = System.Threading.Mutex;

namespace CosmosKernel.Tests.Threading;

/// <summary>What <c>ps</c> says about tasks in .NET waits, and what a kill does to them.</summary>
public static class WaitChannelTests
{
    /// <summary>A blocked thread shows the call that it is blocked in.</summary>
    [KernelTest("thread.ps_names_the_call_that_blocks")]
    public static void Names()
    {
        object gate = new();
        Lock modern = new();
        using Mutex mutex = new(initiallyOwned: true);
        using SemaphoreSlim semaphore = new(0);
        using ManualResetEventSlim ended = new();
        using CountdownEvent countdown = new(1);
        using Barrier barrier = new(2);
        using ReaderWriterLockSlim readerWriter = new();
        using BlockingCollection<int> items = [];
        using AutoResetEvent handle = new(false);
        TaskCompletionSource<int> source = new();
        Thread forever = Support.Start(() => ended.Wait());
        readerWriter.EnterWriteLock();
        lock (gate)
        {
            using (modern.EnterScope())
            {
                Thread[] threads =
                [
                    Blocked("Monitor.Enter", () =>
                    {
                        lock (gate)
                        {
                        }
                    }),
                    Blocked("Monitor.Enter", () => Monitor.TryEnter(gate, Support.Patience)),
                    Blocked("Lock.Enter", () =>
                    {
                        lock (modern)
                        {
                        }
                    }),
                    Blocked("WaitHandle.WaitOne", () => mutex.WaitOne()),
                    Blocked("WaitHandle.WaitAny", () => WaitHandle.WaitAny([mutex, handle])),
                    Blocked("SemaphoreSlim.Wait", () => semaphore.Wait()),
                    Blocked("ManualResetEventSlim.Wait", () => ended.Wait()),

                    // The compiler inlined the call of CountdownEvent.Wait, and its caller is what the stack shows.
                    Blocked("ManualResetEventSlim.Wait", () => countdown.Wait()),
                    Blocked("Barrier.SignalAndWait", barrier.SignalAndWait),
                    Blocked("ReaderWriterLockSlim.EnterReadLock", readerWriter.EnterReadLock),
                    Blocked("ReaderWriterLockSlim.EnterWriteLock", readerWriter.EnterWriteLock),
                    Blocked("BlockingCollection.Take", () => items.Take()),
                    Blocked("Thread.Join", forever.Join),
                    Blocked("Thread.Sleep", () => Thread.Sleep(Timeout.Infinite)),
                    Blocked("Task.Wait", () => source.Task.Wait()),
                    Blocked("Task.Wait", () => source.Task.Result.ToString()),
                    Blocked("Task.WaitAll", () => Task.WaitAll(source.Task, Task.Delay(Timeout.Infinite))),
                    Blocked("Monitor.Wait", () =>
                    {
                        object own = new();
                        lock (own)
                        {
                            Monitor.Wait(own);
                        }
                    }),
                ];
                foreach (Thread thread in threads)
                {
                    Support.UntilWaitsIn(thread, thread.Name!);
                    thread.Interrupt();
                }

                Array.ForEach(threads, Support.Join);
            }
        }

        readerWriter.ExitWriteLock();
        mutex.ReleaseMutex();
        ended.Set();
        Support.Join(forever);

        static Thread Blocked(string call, Action wait) => Support.Start(
            () =>
            {
                try
                {
                    wait();
                }
                catch (ThreadInterruptedException)
                {
                    // That is how the test ends the wait.
                }
            },
            call);
    }

    /// <summary>Threads of the pool that have nothing to do, and the timer's, say so.</summary>
    [KernelTest("thread.ps_names_the_threads_of_dotnet")]
    public static void RuntimeThreads()
    {
        Task.Run(() => { }).Wait();
        using Timer timer = new(_ => { }, null, 60_000, 60_000);
        TaskStruct worker = Find(".NET TP Worker");
        Support.UntilWaitsIn(worker, "ThreadPool");
        Support.UntilWaitsIn(Find(".NET Timer"), "Timer");
        Check.True(worker.IsRuntimeThread);
        Check.False(worker.Kill());
        Check.False(worker.IsKilled);
    }

    /// <summary>The walk of a task that runs, or waits in a kernel lock, gives the kernel's own channel.</summary>
    [KernelTest("thread.ps_names_kernel_waits_as_before")]
    public static void KernelWaits()
    {
        TaskStruct sleeper = KernelTask.Start("sleeper", () => KernelTask.Sleep(TimeSpan.FromHours(1)));
        Support.UntilWaitsIn(sleeper, "sleep");
        sleeper.Kill();
        Check.Equal(TaskExitReason.Killed, sleeper.Join().Reason);
        Check.Equal("", ManagedWait.Describe(KernelTask.Current));
    }

    /// <summary>A kill ends each kind of .NET wait: <c>finally</c> blocks run, locks are released, nothing is reported as a failure.</summary>
    [KernelTest("thread.a_kill_ends_dotnet_waits")]
    public static void Kills()
    {
        object gate = new();
        using SemaphoreSlim semaphore = new(0);
        using ManualResetEvent handle = new(false);
        KilledThread("Thread.Sleep", () => Thread.Sleep(Timeout.Infinite));
        KilledThread("SemaphoreSlim.Wait", () => semaphore.Wait());
        KilledThread("WaitHandle.WaitOne", () => handle.WaitOne());
        KilledThread("Task.Wait", () => new TaskCompletionSource().Task.Wait());
        KilledThread("Monitor.Wait", WaitForPulse);
        KilledTask("Monitor.Wait", WaitForPulse);
        KilledTask("SemaphoreSlim.Wait", () => semaphore.Wait());
        lock (gate)
        {
            KilledThread("Monitor.Enter", Enter);
            KilledTask("Monitor.Enter", Enter);
        }

        // Nobody has kept it, and CoreLib's account is whole: the lock and its waiters work as before.
        bool pulsed = false;
        Thread waiter = Support.Start(() =>
        {
            lock (gate)
            {
                pulsed = Monitor.Wait(gate, Support.Patience);
            }
        });
        Support.UntilWaitsIn(waiter, "Monitor.Wait");
        lock (gate)
        {
            Monitor.Pulse(gate);
        }

        Support.Join(waiter);
        Check.True(pulsed);
        semaphore.Release();
        Check.True(semaphore.Wait(0));

        void WaitForPulse()
        {
            lock (gate)
            {
                Monitor.Wait(gate);
            }
        }

        void Enter()
        {
            lock (gate)
            {
                Check.Fail("the lock is held elsewhere");
            }
        }
    }

    /// <summary>A task that catches the exception and waits again is asked again; one that is killed before it waits, when it does.</summary>
    [KernelTest("thread.a_kill_is_not_forgotten")]
    public static void KillsAgain()
    {
        int caught = 0;
        Thread stubborn = Support.Start(() =>
        {
            while (caught < 3)
            {
                try
                {
                    Thread.Sleep(Timeout.Infinite);
                }
                catch (ThreadInterruptedException)
                {
                    caught++;
                }
            }
        });
        Support.UntilWaitsIn(stubborn, "Thread.Sleep");
        Check.True(Support.TaskOf(stubborn).Kill());
        Support.Join(stubborn);
        Check.Equal(3, caught);

        using ManualResetEventSlim killed = new();
        TaskStruct early = KernelTask.Start("early", () =>
        {
            while (!killed.IsSet)
            {
                KernelTask.Yield();
            }

            using SemaphoreSlim never = new(0);
            never.Wait();
        });
        Check.True(early.Kill());
        killed.Set();
        Check.Equal(TaskExitReason.Killed, early.Join().Reason);
    }

    /// <summary>A .NET thread ends in order by a kill in a sleep of the kernel and by <c>KernelTask.Exit</c>, too.</summary>
    [KernelTest("thread.dotnet_threads_end_as_tasks_do")]
    public static void EndsAsTasks()
    {
        bool exited = false;
        TaskStruct? task = null;
        Thread exiting = Support.Start(() =>
        {
            task = KernelTask.Current;
            try
            {
                KernelTask.Exit(7);
            }
            finally
            {
                exited = true;
            }
        });
        Support.Join(exiting);
        Check.True(exited);
        Support.Until(() => task!.Exit == new TaskExit(TaskExitReason.Exited, 7), "the exit code arrives");
        KilledThread("sleep", () => KernelTask.Sleep(TimeSpan.FromHours(1)));
    }

    private static void KilledThread(string call, Action wait)
    {
        bool cleaned = false;
        Thread thread = Support.Start(
            () =>
            {
                try
                {
                    wait();
                }
                finally
                {
                    cleaned = true;
                }
            },
            $"killed in {call}");
        TaskStruct task = Support.TaskOf(thread);
        Support.UntilWaitsIn(task, call);
        Check.True(task.Kill());
        Support.Join(thread);
        Check.True(cleaned, $"{call}: finally blocks run");
        Support.Until(() => task.Exit.Reason != TaskExitReason.None, "the task ends");
        Check.Equal(TaskExitReason.Killed, task.Exit.Reason, $"{call}: how the thread ended");
    }

    private static void KilledTask(string call, Action wait)
    {
        TaskStruct task = KernelTask.Start($"killed in {call}", wait);
        Support.UntilWaitsIn(task, call);
        Check.True(task.Kill());
        Check.Equal(TaskExitReason.Killed, task.Join().Reason, $"{call}: how the task ended");
    }

    private static TaskStruct Find(string name)
    {
        TaskStruct? found = null;
        Support.Until(
            () =>
            {
                for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
                {
                    if (task.Name == name && ManagedWait.Describe(task).Length > 0)
                    {
                        found = task;
                        return true;
                    }
                }

                return false;
            },
            $"there is a thread {name} and it sleeps");
        return found!;
    }
}
