using System.Threading;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tests.Locks;

/// <summary>The bounded buffer, with a mutex and two condition variables and with semaphores, and Dijkstra's sleeping barber.</summary>
public static class BufferTests
{
    private const int Producers = 3;
    private const int Consumers = 3;
    private const int Each = 400;
    private const int Size = 4;

    /// <summary>Each item comes out once, those of one producer in their order, and the buffer is never over or under its size.</summary>
    [KernelTest("lock.bounded_buffer_with_condition_variables")]
    public static void WithConditions()
    {
        Mutex mutex = new("buffer");
        ConditionVariable notFull = new("not full");
        ConditionVariable notEmpty = new("not empty");
        int[] buffer = new int[Size];
        int head = 0;
        int count = 0;
        Exchange(
            item =>
            {
                using (mutex.Enter())
                {
                    while (count == Size)
                    {
                        notFull.Wait(mutex);
                    }

                    buffer[(head + count++) % Size] = item;
                    notEmpty.Signal();
                }
            },
            () =>
            {
                using (mutex.Enter())
                {
                    while (count == 0)
                    {
                        notEmpty.Wait(mutex);
                    }

                    int item = buffer[head];
                    head = (head + 1) % Size;
                    count--;
                    Check.InRange(0, Size - 1, count);
                    notFull.Signal();
                    return item;
                }
            });
        Check.Equal(0, count);
    }

    /// <summary>The same with two counting semaphores; the units are the places and the items.</summary>
    [KernelTest("lock.bounded_buffer_with_semaphores")]
    public static void WithSemaphores()
    {
        Semaphore places = new("places", Size);
        Semaphore items = new("items", 0);
        Mutex mutex = new("buffer");
        int[] buffer = new int[Size];
        int head = 0;
        int tail = 0;
        Exchange(
            item =>
            {
                places.Wait();
                using (mutex.Enter())
                {
                    buffer[tail++ % Size] = item;
                }

                items.Release();
            },
            () =>
            {
                items.Wait();
                int item;
                using (mutex.Enter())
                {
                    item = buffer[head++ % Size];
                }

                places.Release();
                return item;
            });
        Check.Equal(Size, places.Count);
        Check.Equal(0, items.Count);
    }

    /// <summary>The barber sleeps while nobody is there; a customer who finds all chairs taken leaves; everybody else is served once.</summary>
    [KernelTest("lock.sleeping_barber")]
    public static void Barber()
    {
        const int customers = 300;
        const int chairs = 3;
        Semaphore waiting = new("customers", 0);
        Semaphore ready = new("barber is ready", 0);
        Mutex shop = new("shop");
        int seated = 0;
        int most = 0;
        int served = 0;
        int cut = 0;
        int left = 0;
        bool closed = false;
        TaskStruct barber = KernelTask.Start("barber", () =>
        {
            while (true)
            {
                waiting.Wait();
                if (Volatile.Read(ref closed))
                {
                    return;
                }

                using (shop.Enter())
                {
                    seated--;
                }

                cut++;
                ready.Release();
            }
        });

        // Before anybody comes he sleeps.
        Stage.UntilAsleep(barber, "customers");
        TestTasks.Run(6, i => new TaskOptions { Name = $"customers {i}" }, _ =>
        {
            for (int i = 0; i < customers / 6; i++)
            {
                bool stays;
                using (shop.Enter())
                {
                    stays = seated < chairs;
                    seated += stays ? 1 : 0;
                    most = int.Max(most, seated);
                }

                if (stays)
                {
                    waiting.Release();
                    ready.Wait();
                    Interlocked.Increment(ref served);
                }
                else
                {
                    Interlocked.Increment(ref left);
                    KernelTask.Yield();
                }
            }
        });
        Stage.UntilAsleep(barber, "customers");
        Check.Equal(customers, served + left);
        Check.Equal(served, cut);
        Check.InRange(1, chairs, most);
        Volatile.Write(ref closed, true);
        waiting.Release();
        Stage.Join([barber]);
    }

    // An item is its producer's number and its place among that producer's items.
    private static void Exchange(System.Action<int> put, System.Func<int> take)
    {
        int[] times = new int[Producers * Each];
        TestTasks.Run(Producers + Consumers, i => new TaskOptions { Name = i < Producers ? $"producer {i}" : $"consumer {i}" }, me =>
        {
            if (me < Producers)
            {
                for (int i = 0; i < Each; i++)
                {
                    put((me * Each) + i);
                }

                return;
            }

            int[] last = new int[Producers];
            System.Array.Fill(last, -1);
            for (int i = 0; i < Producers * Each / Consumers; i++)
            {
                int item = take();
                Interlocked.Increment(ref times[item]);

                // What one consumer gets of one producer comes in that producer's order.
                Check.True(item % Each > last[item / Each]);
                last[item / Each] = item % Each;
            }
        });
        foreach (int count in times)
        {
            Check.Equal(1, count);
        }
    }
}
