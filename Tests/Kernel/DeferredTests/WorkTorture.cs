using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Deferred;

/// <summary>Work items and deferred calls, requested and cancelled by everybody and by interrupts.</summary>
internal static class WorkTorture
{
    /// <summary>Items of several queues: never executed twice at once, never without having been asked for, and none is lost.</summary>
    public static long Items(ulong nanoseconds)
    {
        using var unbound = new WorkQueue(new WorkQueueOptions { Name = "torture-unbound", IsUnbound = true, MaximumActive = 3 });
        using var ordered = new WorkQueue(new WorkQueueOptions { Name = "torture-ordered", IsOrdered = true });
        WorkQueue[] queues = [WorkQueues.Default, WorkQueues.Urgent, unbound, ordered];
        var items = new TortureItem[12];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = new TortureItem(queues[i % queues.Length]);
        }

        long operations = Torture.Run("work queues", nanoseconds, TortureKinds.All, contender =>
        {
            TortureItem item = items[contender.Next(items.Length)];
            switch (contender.Next(16))
            {
                case 0:
                    item.CancelAndWait();
                    break;
                case 1:
                    item.Cancel();
                    break;
                case 2:
                    item.Flush();
                    break;
                case 3:
                    item.Owner.Flush();
                    break;
                case 4:
                    item.Ask();
                    item.QueueAfter((ulong)contender.Next(200_000));
                    break;
                case 5:
                    item.Ask();
                    item.RequeueAfter((ulong)contender.Next(200_000));
                    break;
                default:
                    item.Ask();
                    item.QueueOn(contender.Next(RunQueues.Limit));
                    break;
            }

            contender.Require(!item.IsBroken, "an item was executed twice at once, or without having been asked for");
            return true;
        });
        foreach (TortureItem item in items)
        {
            item.CancelAndWait();
            long before = item.Executed;
            item.Ask();
            Check.True(item.Queue());
            item.Flush();
            Check.True(item.Executed > before);
            item.CancelAndWait();
            Check.False(item.IsBusy);
            Check.False(item.IsBroken);
        }

        return operations;
    }

    /// <summary>Deferred calls: never twice at once, preemption off and interrupts on inside, and the last request is served.</summary>
    public static long Calls(ulong nanoseconds)
    {
        var calls = new TortureCall[6];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i] = new TortureCall(i % 2 == 0 ? DeferredUrgency.Normal : DeferredUrgency.High);
        }

        var timers = new RequestTimer[RunQueues.Limit];
        for (int cpu = 0; cpu < timers.Length; cpu++)
        {
            timers[cpu] = new RequestTimer(calls);
        }

        TestTasks.OnEveryCpu(cpu => timers[cpu].Start(Clock.MonotonicNanoseconds));
        long operations = Torture.Run("deferred work", nanoseconds, TortureKinds.All, contender =>
        {
            TortureCall call = calls[contender.Next(calls.Length)];
            if (contender.Next(8) == 0)
            {
                call.CancelAndWait();
            }
            else
            {
                call.Request();
            }

            contender.Require(!call.IsBroken, "deferred work ran twice at once or in the wrong context");
            return true;
        });
        foreach (RequestTimer timer in timers)
        {
            timer.CancelAndWait();
        }

        foreach (TortureCall call in calls)
        {
            call.CancelAndWait();
            long before = call.Runs;
            call.Request();
            while (call.Runs == before)
            {
                KernelTask.Yield();
            }

            call.CancelAndWait();
            Check.Equal(before + 1, call.Runs);
        }

        return operations;
    }

    private sealed class TortureItem(WorkQueue queue) : DelayedWorkItem(queue)
    {
        [Atomic]
        private long _asked;

        [Atomic]
        private long _executed;

        [Atomic]
        private int _inside;

        [Atomic]
        private bool _broken;

        public bool IsBroken => Volatile.Read(ref _broken);

        public long Executed => Volatile.Read(ref _executed);

        // Before the request: an execution cannot come before it is counted.
        public void Ask() => Interlocked.Increment(ref _asked);

        [MightSleep]
        protected override void Execute()
        {
            bool alone = Interlocked.Increment(ref _inside) == 1;
            long executed = Interlocked.Increment(ref _executed);
            if (!alone || executed > Volatile.Read(ref _asked))
            {
                Volatile.Write(ref _broken, true);
            }

            if (executed % 5 == 0)
            {
                KernelTask.Sleep(20_000);
            }

            if (executed % 7 == 0)
            {
                Ask();
                Queue();
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    private sealed class TortureCall(DeferredUrgency urgency) : DeferredCall(urgency)
    {
        [Atomic]
        private long _runs;

        [Atomic]
        private int _inside;

        [Atomic]
        private bool _broken;

        public bool IsBroken => Volatile.Read(ref _broken);

        public long Runs => Volatile.Read(ref _runs);

        protected override void Run()
        {
            bool alone = Interlocked.Increment(ref _inside) == 1;
            if (!alone || CosmosKernel.Machine.Cpus.LocalCpu.PreemptCount == 0 || !CosmosKernel.Machine.Cpus.InterruptFlag.Enabled)
            {
                Volatile.Write(ref _broken, true);
            }

            Interlocked.Increment(ref _runs);
            Interlocked.Decrement(ref _inside);
        }
    }

    [Protocol("Used by the timer's own interrupts, one after the other.")]
    private sealed class RequestTimer(TortureCall[] calls) : KernelTimer
    {
        private const ulong Interval = 70_000;

        private int _next;

        protected override void OnExpired(ulong now)
        {
            _next = (_next + 1) % calls.Length;
            calls[_next].Request();
            Start(now + Interval);
        }
    }
}
