using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Locking.PerCpu;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Deferred;

/// <summary>Work items, deferred calls and per-CPU variables on the real machine.</summary>
public static class WorkTests
{
    /// <summary>An item runs on the CPU that it was queued for.</summary>
    [KernelTest("sched.work_items_run_on_the_cpu_that_they_are_queued_for")]
    public static void WorkItemsRunWhereQueued()
    {
        for (int cpu = RunQueues.Online.First; cpu >= 0; cpu = RunQueues.Online.Next(cpu))
        {
            int on = -1;
            var item = new Item(WorkQueues.Default, () => on = KernelTask.Current.Cpu);
            Check.True(item.QueueOn(cpu));
            item.Flush();
            Check.Equal(cpu, on);
        }
    }

    /// <summary>While an item sleeps, the items behind it run.</summary>
    [KernelTest("sched.a_work_item_that_sleeps_holds_up_no_other")]
    public static void SleepingItemHoldsUpNobody()
    {
        Completion gate = new("test gate");
        int cpu = RunQueues.Online.First;
        var sleepers = new Item[6];
        for (int i = 0; i < sleepers.Length; i++)
        {
            sleepers[i] = new Item(WorkQueues.Default, () => gate.Wait());
            sleepers[i].QueueOn(cpu);
        }

        bool ran = false;
        var item = new Item(WorkQueues.Default, () => ran = true);
        item.QueueOn(cpu);
        item.Flush();
        Check.True(ran);
        gate.CompleteAll();
        foreach (Item sleeper in sleepers)
        {
            sleeper.Flush();
            Check.False(sleeper.IsBusy);
        }
    }

    /// <summary>An interrupt queues an item without allocating.</summary>
    [KernelTest("sched.an_interrupt_queues_a_work_item")]
    public static void InterruptQueues()
    {
        Completion done = new("test done");
        var item = new Item(WorkQueues.Urgent, done.Complete);
        var timer = new QueueingTimer(item);
        timer.Start(Clock.MonotonicNanoseconds + 100_000);
        done.Wait();
        timer.CancelAndWait();
    }

    /// <summary>An exception in an item costs the item only.</summary>
    [KernelTest("sched.an_exception_in_a_work_item_does_not_end_its_worker")]
    public static void ExceptionInItem()
    {
        var bad = new Item(WorkQueues.Default, () => throw new System.InvalidOperationException("on purpose, by a test"));
        for (int i = 0; i < 5; i++)
        {
            bad.Queue();
            bad.Flush();
        }

        bool ran = false;
        var good = new Item(WorkQueues.Default, () => ran = true);
        good.Queue();
        good.Flush();
        Check.True(ran);
    }

    /// <summary>Deferred work asked for in an interrupt runs before the interrupted task goes on, unless that holds a spin lock.</summary>
    [KernelTest("sched.deferred_work_waits_for_the_end_of_a_spin_lock")]
    public static void DeferredWorkWaitsForSpinLock()
    {
        var call = new Call();
        var timer = new RequestingTimer(call);
        int runsInside;
        using (Preemption.Disable())
        {
            timer.Start(Clock.MonotonicNanoseconds + 50_000);
            while (timer.Expired == 0)
            {
            }

            runsInside = call.Runs;
        }

        Check.Equal(0, runsInside);
        Check.Equal(1, call.Runs);
        timer.CancelAndWait();
    }

    /// <summary>More deferred work than fits is left to a task, and ordinary tasks on the CPU go on.</summary>
    [KernelTest("sched.a_flood_of_deferred_work_does_not_stop_the_cpu")]
    public static void FloodOfDeferredWork()
    {
        var flood = new Flood();
        ulong before = DeferredWork.Statistics(KernelTask.Current.Cpu).Overflows;
        KernelTask.Current.SetAffinity(CpuSet.Of(KernelTask.Current.Cpu));
        int cpu = KernelTask.Current.Cpu;
        flood.Request();
        for (int i = 0; i < 20; i++)
        {
            KernelTask.Yield();
        }

        flood.Stop();
        flood.CancelAndWait();
        KernelTask.Current.SetAffinity(CpuSet.All);
        Check.True(flood.Runs > 20);
        Check.True(DeferredWork.Statistics(cpu).Overflows > 0);
        Check.True(DeferredWork.Statistics(cpu).Overflows >= before);
    }

    /// <summary>Each CPU counts for itself; nothing is lost although nobody locks.</summary>
    [KernelTest("lock.per_cpu_counters_lose_nothing")]
    public static void PerCpuCounters()
    {
        const int each = 20_000;
        var counter = new PerCpu<long>();
        int tasks = 2 * RunQueues.Count;
        TestTasks.Run(tasks, i => new TaskOptions { Name = $"counter {i}" }, _ =>
        {
            for (int i = 0; i < each; i++)
            {
                using (CpuPin here = CpuPin.Take())
                {
                    counter.Value(in here)++;
                }
            }
        });
        Check.Equal((long)tasks * each, counter.Sum());
        var parts = new List<long>();
        foreach (long part in counter)
        {
            parts.Add(part);
        }

        Check.Equal(counter.CpuCount, parts.Count);
    }

    private sealed class Item(WorkQueue queue, System.Action action) : WorkItem(queue)
    {
        protected override void Execute() => action();
    }

    private sealed class QueueingTimer(WorkItem item) : KernelTimer
    {
        protected override void OnExpired(ulong now) => item.Queue();
    }

    private sealed class Call : DeferredCall
    {
        [Atomic]
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        protected override void Run() => Interlocked.Increment(ref _runs);
    }

    private sealed class RequestingTimer(DeferredCall call) : KernelTimer
    {
        [Atomic]
        private int _expired;

        public int Expired => Volatile.Read(ref _expired);

        protected override void OnExpired(ulong now)
        {
            call.Request();
            Interlocked.Increment(ref _expired);
        }
    }

    private sealed class Flood : DeferredCall
    {
        [Atomic]
        private bool _stop;

        [Atomic]
        private long _runs;

        public long Runs => Volatile.Read(ref _runs);

        public void Stop() => Volatile.Write(ref _stop, true);

        protected override void Run()
        {
            Interlocked.Increment(ref _runs);
            if (!Volatile.Read(ref _stop))
            {
                Request();
            }
        }
    }
}
