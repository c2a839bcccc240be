using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Locking.Queues;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>
/// The lock-free queues on the host's own threads, which interleave for real: nothing is lost, doubled or invented, and each producer's order is kept. The same checks find out queues that are wrong on purpose.
/// </summary>
public class QueueTests
{
    private const int PerProducer = 40_000;

    [Fact]
    public void ARingHoldsItsCapacityInOrder()
    {
        SpscRing<int> ring = new(5);
        Assert.Equal(8, ring.Capacity);
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 8; i++)
            {
                Assert.True(ring.TryEnqueue(i));
                Assert.Equal(i + 1, ring.Count);
            }

            Assert.False(ring.TryEnqueue(99));
            for (int i = 0; i < 8; i++)
            {
                Assert.True(ring.TryDequeue(out int value));
                Assert.Equal(i, value);
            }

            Assert.False(ring.TryDequeue(out _));
        }
    }

    [Fact]
    public void AnMpmcRingHoldsItsCapacityInOrder()
    {
        MpmcRing<string> ring = new(3);
        Assert.Equal(4, ring.Capacity);
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.True(ring.TryEnqueue($"{i}"));
            }

            Assert.False(ring.TryEnqueue("x"));
            Assert.Equal(4, ring.Count);
            for (int i = 0; i < 4; i++)
            {
                Assert.True(ring.TryDequeue(out string? value));
                Assert.Equal($"{i}", value);
            }

            Assert.False(ring.TryDequeue(out _));
        }
    }

    [Fact]
    public void AnMpscQueueIsInOrderAndTakesElementsAgain()
    {
        MpscQueue<Node> queue = new();
        Node[] nodes = [.. Enumerable.Range(0, 5).Select(i => new Node { Value = i })];
        Assert.True(queue.IsEmpty);
        for (int round = 0; round < 5; round++)
        {
            foreach (Node node in nodes)
            {
                queue.Enqueue(node);
            }

            Assert.False(queue.IsEmpty);
            foreach (Node node in nodes)
            {
                Assert.Same(node, queue.TryDequeue());
            }

            Assert.Null(queue.TryDequeue());
        }
    }

    [Fact]
    public void AnMpscQueueIsEmptyAgainWhenItsLastElementWasTaken()
    {
        MpscQueue<Node> queue = new();
        queue.Enqueue(new Node());
        Assert.NotNull(queue.TryDequeue());
        Assert.Null(queue.TryDequeue());
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void SpscKeepsEverythingUnderLoad()
    {
        SpscRing<long> ring = new(64);
        Exercise(1, 1, value => ring.TryEnqueue(value), () => ring.TryDequeue(out long value) ? value : -1).AssertRight();
    }

    [Fact]
    public void MpscKeepsEverythingUnderLoad()
    {
        MpscQueue<Node> queue = new();
        Exercise(3, 1, value =>
        {
            queue.Enqueue(new Node { Value = value });
            return true;
        }, () => queue.TryDequeue()?.Value ?? -1).AssertRight();
    }

    [Fact]
    public void MpmcKeepsEverythingUnderLoad()
    {
        MpmcRing<long> ring = new(64);
        Exercise(3, 3, value => ring.TryEnqueue(value), () => ring.TryDequeue(out long value) ? value : -1).AssertRight();
    }

    [Fact]
    public void ARingWithTwoProducersThatMayHaveOneIsFoundOut()
    {
        // One attempt may happen to come out right; ten do not.
        Assert.Contains(Enumerable.Range(0, 10), _ =>
        {
            SpscRing<long> ring = new(64);
            return !Exercise(2, 1, value => ring.TryEnqueue(value), () => ring.TryDequeue(out long value) ? value : -1).IsRight;
        });
    }

    [Fact]
    public void AStackThatReusesNodesSuffersFromAbaAndIsFoundOut()
    {
        // The textbook's case, step by step: a pop that was stopped between its look and its exchange takes a node for the top that was popped and pushed again, and brings back one that is in use.
        NaiveStack stack = new();
        Node a = new() { Value = 1 };
        Node b = new() { Value = 2 };
        stack.Push(b);
        stack.Push(a);
        NaiveStack.HalfPop half = stack.BeginPop();
        Assert.Same(a, stack.Pop());
        Assert.Same(b, stack.Pop());
        stack.Push(a);
        Assert.True(stack.TryEndPop(half), "the exchange sees the same node and goes on");
        Assert.Same(b, stack.Pop());

        // b came out twice. In the queue here nothing is exchanged for what it was: the same steps leave it whole.
        MpscQueue<Node> queue = new();
        queue.Enqueue(a);
        queue.Enqueue(b);
        Assert.Same(a, queue.TryDequeue());
        Assert.Same(b, queue.TryDequeue());
        queue.Enqueue(a);
        Assert.Same(a, queue.TryDequeue());
        Assert.Null(queue.TryDequeue());
    }

    private static Outcome Exercise(int producers, int consumers, Func<long, bool> add, Func<long> take)
    {
        List<long>[] taken = [.. Enumerable.Range(0, consumers).Select(_ => new List<long>())];
        int producing = producers;
        bool broken = false;
        Task[] tasks = new Task[producers + consumers];
        for (int i = 0; i < producers; i++)
        {
            long me = i;
            tasks[i] = Task.Factory.StartNew(() =>
            {
                for (long n = 0; n < PerProducer; n++)
                {
                    while (!add((me << 32) | n))
                    {
                        if (Volatile.Read(ref broken))
                        {
                            return;
                        }

                        Thread.Yield();
                    }
                }

                Interlocked.Decrement(ref producing);
            }, TaskCreationOptions.LongRunning);
        }

        for (int i = 0; i < consumers; i++)
        {
            List<long> mine = taken[i];
            tasks[producers + i] = Task.Factory.StartNew(() =>
            {
                while (true)
                {
                    // In this order: what was added before the producers ended is seen.
                    bool ended = Volatile.Read(ref producing) == 0;
                    long value = take();
                    if (value >= 0)
                    {
                        mine.Add(value);
                    }
                    else if (ended)
                    {
                        return;
                    }
                    else
                    {
                        Thread.Yield();
                    }

                    // A broken queue may give without end.
                    if (mine.Count > producers * PerProducer)
                    {
                        Volatile.Write(ref broken, true);
                        return;
                    }
                }
            }, TaskCreationOptions.LongRunning);
        }

        Task.WaitAll(tasks);
        return new Outcome(producers, taken);
    }

    private sealed class Outcome(int producers, List<long>[] taken)
    {
        public bool IsRight => Problem is null;

        private string? Problem
        {
            get
            {
                HashSet<long> seen = [];
                foreach (List<long> list in taken)
                {
                    long[] last = [.. Enumerable.Repeat(-1L, producers)];
                    for (int i = 0; i < list.Count; i++)
                    {
                        long producer = list[i] >> 32;
                        long number = list[i] & uint.MaxValue;
                        if (producer >= producers || number <= last[producer] || !seen.Add(list[i]))
                        {
                            return $"the {i}th of {list.Count} is number {number} of producer {producer}, after its number {(producer < producers ? last[producer] : -1)}";
                        }

                        last[producer] = number;
                    }
                }

                return seen.Count == producers * PerProducer ? null : $"{seen.Count} of {producers * PerProducer} came out";
            }
        }

        public void AssertRight() => Assert.True(IsRight, Problem);
    }

    private sealed class Node : MpscNode
    {
        public long Value { get; set; }

        public Node? Below { get; set; }
    }

    /// <summary>Treiber's stack without any protection of its nodes, its pop in two halves.</summary>
    private sealed class NaiveStack
    {
        private Node? _top;

        public readonly record struct HalfPop(Node Top, Node? Below);

        public void Push(Node node)
        {
            node.Below = _top;
            _top = node;
        }

        public HalfPop BeginPop() => new(_top!, _top!.Below);

        public bool TryEndPop(HalfPop half) => ReferenceEquals(Interlocked.CompareExchange(ref _top, half.Below, half.Top), half.Top);

        public Node? Pop()
        {
            Node? top = _top;
            _top = top?.Below;
            return top;
        }
    }
}
