using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Exceptions;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Runtime;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Deferred;

/// <summary>RCU on the real machine: what a grace period waits for, and what not.</summary>
public static class RcuTests
{
    /// <summary>A reader that was there before holds the grace period up until it leaves.</summary>
    [KernelTest("lock.rcu_a_grace_period_waits_for_a_reader_that_was_there_before")]
    public static void GracePeriodWaitsForOldReader()
    {
        Completion entered = new("test entered");
        int leave = 0;
        int left = 0;
        TaskStruct reader = KernelTask.Start("reader", () =>
        {
            using (Rcu.Read())
            {
                entered.Complete();
                while (Volatile.Read(ref leave) == 0)
                {
                    KernelTask.Yield();
                }

                Volatile.Write(ref left, 1);
            }
        });
        entered.Wait();
        ulong ticket = Rcu.TakeTicket();
        for (int i = 0; i < 20; i++)
        {
            KernelTask.Sleep(1_000_000);
            Check.False(Rcu.HasElapsed(ticket));
        }

        Volatile.Write(ref leave, 1);
        Rcu.Synchronize();
        Check.Equal(1, left);
        Check.True(Rcu.HasElapsed(ticket));
        reader.Join();
    }

    /// <summary>Readers that began after the grace period do not hold it up, and nested sections count as one.</summary>
    [KernelTest("lock.rcu_nested_sections_end_with_the_outermost_one")]
    public static void NestedSections()
    {
        Completion entered = new("test entered");
        int leave = 0;
        int after = -1;
        TaskStruct reader = KernelTask.Start("reader", () =>
        {
            using (Rcu.Read())
            {
                using (Rcu.Read())
                {
                    entered.Complete();
                    while (Volatile.Read(ref leave) < 1)
                    {
                        KernelTask.Yield();
                    }
                }

                while (Volatile.Read(ref leave) < 2)
                {
                    KernelTask.Yield();
                }
            }

            Volatile.Write(ref after, Rcu.IsReading ? 1 : 0);
        });
        entered.Wait();
        ulong ticket = Rcu.TakeTicket();
        KernelTask.Sleep(3_000_000);
        Volatile.Write(ref leave, 1);
        KernelTask.Sleep(3_000_000);
        Check.False(Rcu.HasElapsed(ticket));
        Volatile.Write(ref leave, 2);
        Rcu.SynchronizeNow();
        Check.True(Rcu.HasElapsed(ticket));
        reader.Join();
        Check.Equal(0, after, "the reader is inside a section after the outermost one");
    }

    /// <summary>
    /// Idle CPUs are not interrupted for a grace period. The task that asks and the one that drives grace periods share a CPU, so that neither keeps another one busy: woken while its CPU runs who wants
    /// the grace period, the task <c>rcu</c> would go to an idle one and find the first still awake.
    /// </summary>
    [KernelTest("lock.rcu_idle_cpus_are_left_alone")]
    public static void IdleCpusAreLeftAlone()
    {
        if (RunQueues.Count == 1)
        {
            Check.Skip("this machine has one CPU");
        }

        TaskStruct driver = Find("rcu");
        CpuSet before = driver.Affinity;
        CpuSet here = CpuSet.Of(RunQueues.Online.First);
        driver.SetAffinity(here);
        try
        {
            TestTasks.Run(1, _ => new TaskOptions { Name = "asking", Affinity = here }, _ => AskWhileOthersAreIdle());
        }
        finally
        {
            driver.SetAffinity(before);
        }
    }

    /// <summary>The barrier returns after all callbacks that were handed in before.</summary>
    [KernelTest("lock.rcu_the_barrier_waits_for_callbacks_of_all_cpus")]
    public static void BarrierWaitsForCallbacks()
    {
        int called = 0;
        int cpus = RunQueues.Count;
        TaskStruct[] tasks = new TaskStruct[cpus];
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            tasks[cpu] = KernelTask.Start(new TaskOptions { Name = "caller", Affinity = CpuSet.Of(cpu) }, () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    Rcu.Call(new Counting(() => Interlocked.Increment(ref called)));
                }
            });
        }

        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        Rcu.Barrier();
        Check.Equal(100 * cpus, called);
    }

    /// <summary>A grace period that a preempted reader holds up is reported, with the reader's stack.</summary>
    [KernelTest("lock.rcu_a_stall_names_its_reader_and_where_it_is")]
    public static void StallNamesItsReader()
    {
        if (RunQueues.Count == 1)
        {
            Check.Skip("on the only CPU the task that would report could not run either");
        }

        RcuStallReporter? before = RcuStallReporter.Instance;
        ulong stallTime = Rcu.StallTime;
        var stalls = new Stalls();
        RcuStallReporter.Instance = stalls;
        Rcu.StallTime = 5_000_000;
        int cpu = KernelTask.Current.Cpu;
        Completion entered = new("test entered");
        int leave = 0;
        TaskStruct reader = KernelTask.Start(new TaskOptions { Name = "stalling reader", Affinity = CpuSet.Of(cpu) }, () => ReadUntil(entered, ref leave));
        entered.Wait();

        // More urgent than the reader, and on its CPU: it is preempted in its section and stays so.
        TaskStruct hog = KernelTask.Start(new TaskOptions { Name = "hog", Affinity = CpuSet.Of(cpu), Priority = 60 }, () =>
        {
            while (Volatile.Read(ref leave) == 0)
            {
            }
        });
        TaskStruct waiter = KernelTask.Start(new TaskOptions { Name = "waiter", Priority = 50 }, () =>
        {
            ulong ticket = Rcu.TakeTicket();
            while (Volatile.Read(ref stalls.Frames) == 0 && !Rcu.HasElapsed(ticket))
            {
                KernelTask.Sleep(1_000_000);
            }

            Volatile.Write(ref leave, 1);
        });
        waiter.Join();
        hog.Join();
        reader.Join();
        Rcu.StallTime = stallTime;
        RcuStallReporter.Instance = before;
        Check.Equal(reader, stalls.Reader);
        Check.True(stalls.SawReader, "the reader's method is on the stack");
    }

    private static void AskWhileOthersAreIdle()
    {
        const int periods = 40;
        ulong before = Rcu.CpusAsked;
        for (int i = 0; i < periods; i++)
        {
            AwaitIdle(KernelTask.Current.Cpu);
            Rcu.SynchronizeNow();
        }

        // What runs there now and then, or interrupts, may do so at some of these moments.
        ulong asked = Rcu.CpusAsked - before;
        ulong possible = (ulong)(periods * (RunQueues.Count - 1));
        Check.True(asked <= possible / 4, $"{asked} of {possible} were interrupted");
    }

    // Sleeps until every other CPU runs its idle task.
    private static void AwaitIdle(int here)
    {
        do
        {
            // First, so that this CPU idles too: a host may run one CPU at a time, and the others are to get to the end of what woke them.
            KernelTask.Sleep(200_000);
        }
        while (!OthersAreIdle(here));
    }

    private static bool OthersAreIdle(int here)
    {
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (cpu != here && RunQueues.Get(cpu) is { } queue && !ReferenceEquals(queue.Running, queue.Idle))
            {
                return false;
            }
        }

        return true;
    }

    private static TaskStruct Find(string name)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (task.Name == name)
            {
                return task;
            }
        }

        throw new System.InvalidOperationException($"There is no task {name}.");
    }

    private static void ReadUntil(Completion entered, ref int leave)
    {
        using (Rcu.Read())
        {
            entered.Complete();
            while (Volatile.Read(ref leave) == 0)
            {
            }
        }
    }

    private sealed class Stalls : RcuStallReporter
    {
        [Atomic]
        public int Frames;

        [Protocol("Written by the grace period's task before Frames, read after it.")]
        public TaskStruct? Reader { get; private set; }

        [Protocol("Written by the grace period's task before Frames, read after it.")]
        public bool SawReader { get; private set; }

        [MightSleep]
        public override void CpuIsSilent(ulong gracePeriod, ulong nanoseconds, int cpu, TaskStruct running)
        {
        }

        [MightSleep]
        public override void TaskIsReading(ulong gracePeriod, ulong nanoseconds, TaskStruct task)
        {
            System.Span<ulong> addresses = stackalloc ulong[24];
            int count = TaskStacks.Capture(task, addresses);
            foreach (ulong address in addresses[..count])
            {
                SawReader |= CodeNames.TryFind(address, out string type, out string method) && type.Contains("RcuTests", System.StringComparison.Ordinal);
            }

            if (count > 0)
            {
                Reader = task;
                Volatile.Write(ref Frames, count);
            }
        }
    }

    private sealed class Counting(System.Action action) : RcuCallback
    {
        protected override void GracePeriodEnded() => action();
    }
}
