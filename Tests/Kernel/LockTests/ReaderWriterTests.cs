using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Locks;

/// <summary>Readers and writers: who may overtake whom, and that nobody starves, in both directions.</summary>
public static class ReaderWriterTests
{
    /// <summary>Forced interleaving: a writer waits for a reader; a second reader that comes then stands behind the writer.</summary>
    [KernelTest("lock.readers_do_not_overtake_a_waiting_writer")]
    public static void ReadersDoNotOvertake()
    {
        ReaderWriterSemaphore semaphore = new("rw");
        Notes order = new();
        semaphore.AcquireRead();
        TaskStruct writer = StartWriter(semaphore, "writer", order);
        TaskStruct reader = StartReader(semaphore, "reader", order);
        Check.Equal(1, semaphore.Readers);
        using (ReaderWriterSemaphore.ReadGuard guard = semaphore.TryEnterRead())
        {
            Check.False(guard.Taken);
        }

        semaphore.ReleaseRead();
        Stage.Join([writer, reader]);
        Check.SequenceEqual(["writer", "reader"], order.ToArray());
    }

    /// <summary>Forced interleaving: a reader waits for a writer; a second writer that comes then stands behind the reader. Readers that stand together go in together.</summary>
    [KernelTest("lock.writers_do_not_overtake_a_waiting_reader")]
    public static void WritersDoNotOvertake()
    {
        ReaderWriterSemaphore semaphore = new("rw");
        Notes order = new();
        TaskBarrier together = new("both read", 2);
        semaphore.AcquireWrite();
        TaskStruct[] tasks =
        [
            StartReader(semaphore, "reader", order, together),
            StartReader(semaphore, "reader", order, together),
            StartWriter(semaphore, "second writer", order),
            StartReader(semaphore, "late reader", order),
        ];
        semaphore.ReleaseWrite();
        Stage.Join(tasks);
        Check.SequenceEqual(["reader", "reader", "second writer", "late reader"], order.ToArray());
    }

    /// <summary>A writer that becomes a reader lets readers in at once and no writer.</summary>
    [KernelTest("lock.downgrade_lets_readers_in_and_no_writer")]
    public static void Downgrade()
    {
        ReaderWriterSemaphore semaphore = new("rw");
        Notes order = new();
        semaphore.AcquireWrite();
        TaskStruct reader = StartReader(semaphore, "reader", order);
        TaskStruct writer = StartWriter(semaphore, "writer", order);
        semaphore.Downgrade();
        Stage.Join([reader]);
        Check.True(Stage.IsAsleep(writer, "rw"));
        Check.SequenceEqual(["reader"], order.ToArray());
        semaphore.ReleaseRead();
        Stage.Join([writer]);
    }

    /// <summary>When a writer gives up, the readers that stood behind it join those that read.</summary>
    [KernelTest("lock.readers_pass_when_the_writer_before_them_gives_up")]
    public static void WriterGivesUp()
    {
        ReaderWriterSemaphore semaphore = new("rw");
        Notes order = new();
        semaphore.AcquireRead();
        WaitResult result = default;
        TaskStruct writer = KernelTask.Start("writer", () => result = semaphore.TryAcquireWrite(Tasks.Scheduling.Scheduler.Never, WaitMode.Killable));
        Stage.UntilAsleep(writer, "rw");
        TaskStruct reader = StartReader(semaphore, "reader", order);
        writer.Kill();
        Stage.Join([reader]);
        writer.Join();
        Check.Equal(WaitResult.Interrupted, result);
        Check.Equal(1, semaphore.Readers);
        semaphore.ReleaseRead();
        Check.Equal(0, semaphore.Readers);
    }

    /// <summary>Readers that overlap without a gap do not keep a writer out: once it waits, at most those read before it that had begun.</summary>
    [KernelTest("lock.a_stream_of_readers_does_not_starve_a_writer")]
    public static void ReadersDoNotStarveAWriter()
    {
        const int readers = 4;
        ReaderWriterSemaphore semaphore = new("rw");
        bool stop = false;
        int begun = 0;
        TaskStruct[] tasks = new TaskStruct[readers];
        for (int i = 0; i < readers; i++)
        {
            tasks[i] = KernelTask.Start($"reader {i}", () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    using (semaphore.EnterRead())
                    {
                        Interlocked.Increment(ref begun);

                        // Yields with the lock held, so that the others' reads begin before this one ends.
                        KernelTask.Yield();
                    }
                }
            });
        }

        for (int round = 0; round < 30; round++)
        {
            int seen = Volatile.Read(ref begun);
            Stage.Until(() => Volatile.Read(ref begun) > seen + readers);
            int whenItWaited = -1;
            int whenItHadIt = -1;
            TaskStruct writer = KernelTask.Start("writer", () =>
            {
                using (semaphore.EnterWrite())
                {
                    whenItHadIt = Volatile.Read(ref begun);
                }
            });

            // The first look at which it waits; it may have got it before the first look.
            while (Volatile.Read(ref whenItHadIt) < 0)
            {
                if (whenItWaited < 0 && writer.WaitChannel == "rw")
                {
                    whenItWaited = Volatile.Read(ref begun);
                }

                KernelTask.Yield();
            }

            Stage.Join([writer]);
            if (whenItWaited >= 0)
            {
                // Each reader may have taken it before the writer waited and counted after.
                Check.InRange(0, whenItWaited + readers, whenItHadIt);
            }
        }

        Volatile.Write(ref stop, true);
        Stage.Join(tasks);
    }

    /// <summary>Writers that take turns without a gap do not keep a reader out: once it waits, at most those write before it that stood before it.</summary>
    [KernelTest("lock.a_stream_of_writers_does_not_starve_a_reader")]
    public static void WritersDoNotStarveAReader()
    {
        const int writers = 4;
        ReaderWriterSemaphore semaphore = new("rw");
        bool stop = false;
        int begun = 0;
        TaskStruct[] tasks = new TaskStruct[writers];
        for (int i = 0; i < writers; i++)
        {
            tasks[i] = KernelTask.Start($"writer {i}", () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    using (semaphore.EnterWrite())
                    {
                        begun++;
                        KernelTask.Yield();
                    }
                }
            });
        }

        for (int round = 0; round < 30; round++)
        {
            int seen = Volatile.Read(ref begun);
            Stage.Until(() => Volatile.Read(ref begun) > seen + writers);
            int whenItWaited = -1;
            int whenItHadIt = -1;
            TaskStruct reader = KernelTask.Start("reader", () =>
            {
                using (semaphore.EnterRead())
                {
                    whenItHadIt = Volatile.Read(ref begun);
                }
            });
            while (Volatile.Read(ref whenItHadIt) < 0)
            {
                if (whenItWaited < 0 && reader.WaitChannel == "rw")
                {
                    whenItWaited = Volatile.Read(ref begun);
                }

                KernelTask.Yield();
            }

            Stage.Join([reader]);
            if (whenItWaited >= 0)
            {
                Check.InRange(0, whenItWaited + writers, whenItHadIt);
            }
        }

        Volatile.Write(ref stop, true);
        Stage.Join(tasks);
    }

    // Starts a task that notes its name with the lock held, and waits until it stands in the queue.
    private static TaskStruct StartWriter(ReaderWriterSemaphore semaphore, string name, Notes order)
    {
        TaskStruct task = KernelTask.Start(name, () =>
        {
            using (semaphore.EnterWrite())
            {
                order.Add(name);
            }
        });
        Stage.UntilAsleep(task, "rw");
        return task;
    }

    private static TaskStruct StartReader(ReaderWriterSemaphore semaphore, string name, Notes order, TaskBarrier? together = null)
    {
        TaskStruct task = KernelTask.Start(name, () =>
        {
            using (semaphore.EnterRead())
            {
                order.Add(name);
                together?.Wait();
            }
        });
        Stage.UntilAsleep(task, "rw");
        return task;
    }
}
