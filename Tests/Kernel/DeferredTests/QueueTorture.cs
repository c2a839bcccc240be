using System.Threading;
using CosmosKernel.Locking.Queues;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Deferred;

/// <summary>The lock-free queues between tasks that are preempted and moved, and interrupts: nothing is lost or doubled, and each producer's elements come in its order.</summary>
internal static class QueueTorture
{
    // Producers: contenders, and behind them a timer for each CPU.
    private const int MostContenders = 16;
    private const int MostProducers = MostContenders + 256;

    /// <summary>Any number of producers and consumers; interrupts produce too.</summary>
    public static long Mpmc(ulong nanoseconds)
    {
        var ring = new MpmcRing<long>(32);
        var ledger = new Ledger();
        var timers = new ProducingTimer[RunQueues.Limit];
        for (int cpu = 0; cpu < timers.Length; cpu++)
        {
            timers[cpu] = new ProducingTimer(ring, ledger, MostContenders + cpu);
        }

        TestTasks.OnEveryCpu(cpu => timers[cpu].Start(Clock.MonotonicNanoseconds));
        long operations = Torture.Run("mpmc ring", nanoseconds, TortureKinds.All, contender =>
        {
            if (contender.Next(2) == 0)
            {
                return ledger.Produce(contender.Index, value => ring.TryEnqueue(value));
            }

            if (!ring.TryDequeue(out long taken))
            {
                return false;
            }

            ledger.Consume(contender, contender.Index, taken);
            return true;
        });
        foreach (ProducingTimer timer in timers)
        {
            timer.CancelAndWait();
        }

        while (ring.TryDequeue(out long rest))
        {
            ledger.Settle(rest);
        }

        ledger.AssertBalanced();
        return operations;
    }

    /// <summary>Any number of producers, and one consumer at a time: the role is passed on.</summary>
    public static long Mpsc(ulong nanoseconds)
    {
        var queue = new MpscQueue<Message>();
        var ledger = new Ledger();
        var consuming = new Role();
        long operations = Torture.Run("mpsc queue", nanoseconds, TortureKinds.All, contender =>
        {
            if (contender.Next(3) != 0)
            {
                return ledger.Produce(contender.Index, value =>
                {
                    queue.Enqueue(new Message { Value = value });
                    return true;
                });
            }

            if (!consuming.TryTake())
            {
                return false;
            }

            // More than are added, on average, so that the queue is empty now and then.
            for (int i = 0; i < 8 && queue.TryDequeue() is { } message; i++)
            {
                ledger.Consume(contender, 0, message.Value);
            }

            consuming.Give();
            return true;
        });
        while (queue.TryDequeue() is { } rest)
        {
            ledger.Settle(rest.Value);
        }

        Check.True(queue.IsEmpty);
        ledger.AssertBalanced();
        return operations;
    }

    /// <summary>One producer and one consumer at a time: the roles are passed on.</summary>
    public static long Spsc(ulong nanoseconds)
    {
        var ring = new SpscRing<long>(16);
        var ledger = new Ledger();
        var producing = new Role();
        var consuming = new Role();
        long operations = Torture.Run("spsc ring", nanoseconds, TortureKinds.All, contender =>
        {
            bool done = false;
            if (contender.Next(2) == 0)
            {
                if (producing.TryTake())
                {
                    done = ledger.Produce(0, value => ring.TryEnqueue(value));
                    producing.Give();
                }
            }
            else if (consuming.TryTake())
            {
                done = ring.TryDequeue(out long value);
                if (done)
                {
                    ledger.Consume(contender, 0, value);
                }

                consuming.Give();
            }

            return done;
        });
        while (ring.TryDequeue(out long rest))
        {
            ledger.Settle(rest);
        }

        ledger.AssertBalanced();
        return operations;
    }

    private delegate bool Add(long value);

    /// <summary>What one task at a time may do; like a lock, but nobody waits.</summary>
    private sealed class Role
    {
        [Atomic]
        private int _taken;

        public bool TryTake() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

        public void Give() => Volatile.Write(ref _taken, 0);
    }

    /// <summary>What was added and what was taken: the sums must agree, and each consumer sees each producer's numbers grow.</summary>
    private sealed class Ledger
    {
        [Protocol("Each element belongs to one producer.")]
        private readonly long[] _produced = new long[MostProducers];

        [Protocol("Each row belongs to one consumer.")]
        private readonly long[][] _seen = new long[MostContenders][];

        [Atomic]
        private long _added;

        [Atomic]
        private long _taken;

        [Atomic]
        private long _sumAdded;

        [Atomic]
        private long _sumTaken;

        public Ledger()
        {
            for (int i = 0; i < _seen.Length; i++)
            {
                _seen[i] = new long[MostProducers];
            }
        }

        public bool Produce(int producer, Add add)
        {
            long value = Next(producer);
            return add(value) && Count(producer, value);
        }

        // For interrupts: no indirect call.
        public bool ProduceInto(MpmcRing<long> ring, int producer)
        {
            long value = Next(producer);
            return ring.TryEnqueue(value) && Count(producer, value);
        }

        public void Consume(Contender contender, int consumer, long value)
        {
            int producer = (int)(value >> 40);
            long number = value & ((1L << 40) - 1);
            contender.Require((uint)producer < MostProducers && number > _seen[consumer][producer], "an element came out of order, twice, or from nowhere");
            if ((uint)producer < MostProducers)
            {
                _seen[consumer][producer] = number;
            }

            Settle(value);
        }

        public void Settle(long value)
        {
            Interlocked.Increment(ref _taken);
            Interlocked.Add(ref _sumTaken, value);
        }

        private long Next(int producer) => ((long)producer << 40) | (_produced[producer] + 1);

        private bool Count(int producer, long value)
        {
            _produced[producer]++;
            Interlocked.Increment(ref _added);
            Interlocked.Add(ref _sumAdded, value);
            return true;
        }

        public void AssertBalanced()
        {
            Check.Equal(Volatile.Read(ref _added), Volatile.Read(ref _taken));
            Check.Equal(Volatile.Read(ref _sumAdded), Volatile.Read(ref _sumTaken));
            Check.True(Volatile.Read(ref _added) > 0);
        }
    }

    private sealed class Message : MpscNode
    {
        [Immutable]
        public long Value { get; init; }
    }

    private sealed class ProducingTimer(MpmcRing<long> ring, Ledger ledger, int producer) : KernelTimer
    {
        private const ulong Interval = 100_000;

        protected override void OnExpired(ulong now)
        {
            ledger.ProduceInto(ring, producer);
            Start(now + Interval);
        }
    }
}
