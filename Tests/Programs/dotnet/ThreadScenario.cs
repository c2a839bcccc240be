using System;
using System.Threading;

namespace CosmosKernel.Programs;

/// <summary>Threads with their locks, thread-local storage, joins, and waits that are interrupted.</summary>
internal static class ThreadScenario
{
    private const int Threads = 16;
    private const int Rounds = 20_000;

    [ThreadStatic]
    private static int t_own;

    public static void Run()
    {
        CountUnderLocks();
        MeetAtBarrier();
        HandOver();
        InterruptWait();
    }

    private static void CountUnderLocks()
    {
        object monitor = new();
        var semaphore = new SemaphoreSlim(1);
        using var mutex = new Mutex();
        long inMonitor = 0, inSemaphore = 0, atomic = 0, inMutex = 0, own = 0;
        RunOnThreads(_ =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                lock (monitor)
                {
                    inMonitor++;
                }

                Interlocked.Increment(ref atomic);
                t_own++;
                if (i % 100 == 0)
                {
                    semaphore.Wait();
                    inSemaphore++;
                    semaphore.Release();
                    mutex.WaitOne();
                    inMutex++;
                    mutex.ReleaseMutex();
                }
            }

            Interlocked.Add(ref own, t_own);
        });
        Expect.Equal(Threads * Rounds, inMonitor, "increments under a monitor");
        Expect.Equal(Threads * Rounds, atomic, "atomic increments");
        Expect.Equal(Threads * Rounds, own, "increments of each thread's own variable");
        Expect.Equal(Threads * Rounds / 100, inSemaphore, "increments under a semaphore");
        Expect.Equal(Threads * Rounds / 100, inMutex, "increments under a mutex");
    }

    private static void MeetAtBarrier()
    {
        int phases = 0;
        using var barrier = new Barrier(Threads, _ => phases++);
        RunOnThreads(_ =>
        {
            for (int phase = 0; phase < 50; phase++)
            {
                barrier.SignalAndWait();
            }
        });
        Expect.Equal(50, phases, "phases of a barrier");
    }

    // A number goes round between two threads, by Monitor.Pulse.
    private static void HandOver()
    {
        object monitor = new();
        int turn = 0;
        RunOnThreads(
            index =>
            {
                for (int i = 0; i < 2_000; i++)
                {
                    lock (monitor)
                    {
                        while (turn % 2 != index)
                        {
                            Monitor.Wait(monitor);
                        }

                        turn++;
                        Monitor.PulseAll(monitor);
                    }
                }
            },
            2);
        Expect.Equal(4_000, turn, "turns of two threads");
    }

    private static void InterruptWait()
    {
        bool interrupted = false;
        var thread = new Thread(() =>
        {
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        thread.Start();
        thread.Interrupt();
        Expect.True(thread.Join(TimeSpan.FromSeconds(20)), "the end of an interrupted thread");
        Expect.True(interrupted, "the interrupt of a sleep");
    }

    private static void RunOnThreads(Action<int> body, int count = Threads)
    {
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int index = i;
            threads[i] = new Thread(() => body(index), 256 * 1024);
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }
}
