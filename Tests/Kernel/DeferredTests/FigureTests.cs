using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Locking.PerCpu;
using CosmosKernel.Locking.Queues;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Deferred;

/// <summary>What RCU, queues and deferred work cost: instructions under <c>-icount</c> on one CPU, wall time otherwise; the median of several rounds.</summary>
public static class FigureTests
{
    private const int Rounds = 9;
    private const int Count = 20_000;

    // The loop around an operation: a step and a branch.
    private const double Loop = 2;

    /// <summary>A read-side section, empty.</summary>
    [KernelTest("figure.rcu_read_pair")]
    public static void ReadPair() => TestRunner.Figure("figure.rcu_read_pair", ReadPairs() - Loop, "ns");

    /// <summary>From the call of synchronize to its return: hurried, and shared, which waits up to a millisecond for others.</summary>
    [KernelTest("figure.rcu_synchronize")]
    public static void Synchronize()
    {
        TestRunner.Figure("figure.rcu_synchronize_now", Median(20, Rcu.SynchronizeNow), "ns");
        TestRunner.Figure("figure.rcu_synchronize", Median(20, Rcu.Synchronize), "ns");
    }

    /// <summary>An element through each queue: added and taken.</summary>
    [KernelTest("figure.queues")]
    public static void Queues()
    {
        TestRunner.Figure("figure.spsc_ring", Spsc(new SpscRing<long>(64)) - Loop, "ns");
        TestRunner.Figure("figure.mpmc_ring", Mpmc(new MpmcRing<long>(64)) - Loop, "ns");
        TestRunner.Figure("figure.mpsc_queue", Mpsc(new MpscQueue<Node>(), new Node()) - Loop, "ns");
    }

    /// <summary>A per-CPU counter, counted up.</summary>
    [KernelTest("figure.per_cpu_count")]
    public static void PerCpuCount() => TestRunner.Figure("figure.per_cpu_count", PerCpuCounts(new PerCpu<long>()) - Loop, "ns");

    /// <summary>From a task that queues a work item, through the worker, back to the task.</summary>
    [KernelTest("figure.work_item_round_trip")]
    public static void WorkItemRoundTrip()
    {
        var item = new CompletingItem();
        TestRunner.Figure("figure.work_item_round_trip", Median(500, item.RoundTrip), "ns");
    }

    /// <summary>Deferred work asked for in a task: request, run, and back.</summary>
    [KernelTest("figure.deferred_call")]
    public static void DeferredCallRoundTrip()
    {
        var call = new CountingCall();
        TestRunner.Figure("figure.deferred_call", Median(Count, () => call.Request()), "ns");
        Check.Equal((long)Rounds * Count, call.Runs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double ReadPairs() => Median(1, static () =>
    {
        for (int i = 0; i < Count; i++)
        {
            using (Rcu.Read())
            {
            }
        }
    }) / Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Spsc(SpscRing<long> ring) => Median(1, () =>
    {
        for (int i = 0; i < Count; i++)
        {
            ring.TryEnqueue(i);
            ring.TryDequeue(out _);
        }
    }) / Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Mpmc(MpmcRing<long> ring) => Median(1, () =>
    {
        for (int i = 0; i < Count; i++)
        {
            ring.TryEnqueue(i);
            ring.TryDequeue(out _);
        }
    }) / Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Mpsc(MpscQueue<Node> queue, Node node) => Median(1, () =>
    {
        for (int i = 0; i < Count; i++)
        {
            queue.Enqueue(node);
            queue.TryDequeue();
        }
    }) / Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double PerCpuCounts(PerCpu<long> counter) => Median(1, () =>
    {
        for (int i = 0; i < Count; i++)
        {
            using (CpuPin here = CpuPin.Take())
            {
                counter.Value(in here)++;
            }
        }
    }) / Count;

    private static double Median(int count, Action operation)
    {
        var times = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                operation();
            }

            times[round] = (Clock.MonotonicNanoseconds - start) / (double)count;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }

    private sealed class Node : MpscNode;

    private sealed class CompletingItem() : WorkItem(WorkQueues.Default)
    {
        private readonly Completion _done = new("figure");

        public void RoundTrip()
        {
            Queue();
            _done.Wait();
        }

        protected override void Execute() => _done.Complete();
    }

    private sealed class CountingCall : DeferredCall
    {
        [Protocol("Counted on the CPU of the one task that requests it.")]
        public long Runs { get; private set; }

        protected override void Run() => Runs++;
    }
}
