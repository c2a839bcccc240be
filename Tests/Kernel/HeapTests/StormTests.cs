using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Heap;

/// <summary>Several tasks on each CPU that allocate, link, check and drop objects as fast as they can, while timers interrupt them at every instruction.</summary>
public static class StormTests
{
    private const ulong Second = 1_000_000_000;
    private const int StormSeconds = 30;

    private static volatile bool s_stop;
    private static volatile string? s_failure;

    /// <summary>A short storm with a verification after another.</summary>
    [KernelTest("memory.heap.tasks_on_all_cpus_allocate_while_the_heap_is_verified")]
    public static void Verified()
    {
        TaskStruct[] tasks = Begin(Environment.ProcessorCount * 3);
        ulong end = Clock.MonotonicNanoseconds + (3 * Second);
        int verifications = 0;
        while (Clock.MonotonicNanoseconds < end && s_failure is null)
        {
            ulong errors = ManagedHeap.Verify();
            if (errors != 0)
            {
                s_failure = $"{errors} bad references";
            }

            verifications++;
            KernelTask.Yield();
        }

        End(tasks);
        Check.True(verifications > 1);
    }

    /// <summary>
    /// Memory committed after a collection is on average, in the last third of the run, at most 1.05 of the first third. <c>soak.seconds=N</c> on the boot line says how long; 30 seconds otherwise.
    /// </summary>
    [KernelTest("soak.memory_stays_level_in_an_allocation_storm")]
    public static void Level()
    {
        ulong duration = (ulong)KernelOptions.GetNumber("soak.seconds", StormSeconds, 3, int.MaxValue) * Second;
        TaskStruct[] tasks = Begin(Environment.ProcessorCount * 3);
        ulong start = Clock.MonotonicNanoseconds;
        var first = default(Average);
        var last = default(Average);
        while (Clock.MonotonicNanoseconds - start < duration && s_failure is null)
        {
            KernelTask.Sleep(duration / 300);
            ManagedHeap.Collect();
            ulong committed = HeapStatistics.Capture().CommittedBytes;
            ulong elapsed = Clock.MonotonicNanoseconds - start;

            // The first tenth is the tasks' own start: their working sets fill up.
            if (elapsed > duration / 10 && elapsed < duration / 3)
            {
                first.Add(committed);
            }
            else if (elapsed > duration * 2 / 3)
            {
                last.Add(committed);
            }
        }

        End(tasks);
        HeapTestModule.CollectAndVerify();
        HeapStatistics statistics = HeapStatistics.Capture();
        TestRunner.Figure("soak.committed_first_third", first.Value, "bytes");
        TestRunner.Figure("soak.committed_last_third", last.Value, "bytes");
        TestRunner.Figure("soak.allocated", statistics.AllocatedBytes, "bytes");
        TestRunner.Figure("soak.collections", statistics.Collections, "collections");
        TestRunner.Figure("soak.longest_pause", statistics.LongestPause, "ns");
        Check.InRange(3, int.MaxValue, first.Count);
        Check.InRange(3, int.MaxValue, last.Count);
        Check.InRange(0.0, first.Value * 1.05, last.Value);
    }

    private static TaskStruct[] Begin(int count)
    {
        s_stop = false;
        s_failure = null;
        var tasks = new TaskStruct[count];
        for (int i = 0; i < count; i++)
        {
            int seed = i;
            tasks[i] = KernelTask.Start(new TaskOptions { Name = $"storm-{i}", Priority = KernelTask.Current.Priority }, () => Guarded(seed));
        }

        return tasks;
    }

    private static void End(TaskStruct[] tasks)
    {
        s_stop = true;
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        Check.Equal(null, s_failure);
    }

    private static void Guarded(int seed)
    {
        // Interrupts at ever changing instructions: allocation must restart where it was caught.
        var ticker = new Ticker((ulong)(20_000 + (seed * 7_919)));
        ticker.Begin();
        try
        {
            var storm = new Storm(seed);
            while (!s_stop && s_failure is null)
            {
                storm.Round();
            }
        }
        catch (Exception failure)
        {
            s_failure = failure.ToString();
        }

        ticker.Cancel();
    }

    private struct Average
    {
        private double _sum;

        public int Count { get; private set; }

        public readonly double Value => _sum / Count;

        public void Add(double value)
        {
            _sum += value;
            Count++;
        }
    }

    /// <summary>One task's working set: a tree whose nodes know what they must hold.</summary>
    private sealed class Storm(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Leaf?[] _slots = new Leaf?[256];
        private readonly Dictionary<int, string> _names = [];
        private long _count;

        public void Round()
        {
            for (int i = 0; i < 200; i++)
            {
                int slot = _random.Next(_slots.Length);
                _slots[slot]?.Verify(slot);
                _slots[slot] = Leaf.Create(slot, _random.Next(8), _random.Next(60) == 0 ? _random.Next(40_000) : _random.Next(200), _count++);
            }

            int key = _random.Next(100);
            string name = $"{seed}:{key}";
            if (_names.TryGetValue(key, out string? known))
            {
                Check.Equal(name, known);
                _names.Remove(key);
            }
            else
            {
                _names.Add(key, name);
            }
        }
    }

    private sealed class Leaf
    {
        private readonly byte[] _payload;
        private readonly (long Number, object? Boxed)[] _pairs;
        private readonly Leaf? _next;
        private readonly int _slot;
        private readonly long _stamp;

        private Leaf(int slot, int payload, long stamp, Leaf? next)
        {
            _slot = slot;
            _stamp = stamp;
            _next = next;
            _payload = new byte[payload];
            Check.Equal(-1, _payload.AsSpan().IndexOfAnyExcept((byte)0));
            _payload.AsSpan().Fill((byte)stamp);
            _pairs = new (long, object?)[payload % 7];
            for (int i = 0; i < _pairs.Length; i++)
            {
                _pairs[i] = (stamp + i, (object)(stamp - i));
            }
        }

        public static Leaf Create(int slot, int depth, int payload, long stamp)
        {
            Leaf? leaf = null;
            for (int i = 0; i <= depth; i++)
            {
                leaf = new Leaf(slot, payload / (i + 1), stamp, leaf);
            }

            return leaf!;
        }

        public void Verify(int slot)
        {
            for (Leaf? leaf = this; leaf is not null; leaf = leaf._next)
            {
                if (leaf._slot != slot || leaf._payload.AsSpan().IndexOfAnyExcept((byte)leaf._stamp) != -1)
                {
                    Check.Fail("an object's content changed");
                }

                for (int i = 0; i < leaf._pairs.Length; i++)
                {
                    if (leaf._pairs[i].Number != leaf._stamp + i || leaf._pairs[i].Boxed is not long boxed || boxed != leaf._stamp - i)
                    {
                        Check.Fail("an array of structs changed");
                    }
                }
            }
        }
    }

    private sealed class Ticker(ulong interval) : KernelTimer
    {
        private ulong _interval = interval;

        public void Begin() => Start(Clock.MonotonicNanoseconds + _interval);

        protected override void OnExpired(ulong now)
        {
            // A step that is no divisor of anything, so that the interrupt wanders over the code.
            _interval = (_interval % 90_000) + 11_003;
            Start(now + _interval);
        }
    }
}
