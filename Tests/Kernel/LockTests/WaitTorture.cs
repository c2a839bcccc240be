using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Locks;

/// <summary>What tasks wait on for each other: nothing that was given is lost or taken twice, whatever ends the waits.</summary>
internal static class WaitTorture
{
    private const ulong Glance = 100_000;

    /// <summary>Things put into a store and taken out of it; takers wait for a signal.</summary>
    public static long ConditionVariable(ulong nanoseconds)
    {
        var mutex = new Tasks.Waiting.Mutex("torture");
        var condition = new ConditionVariable("torture");
        var witness = new Witness();
        long stored = 0;
        long put = 0;
        long taken = 0;
        long operations = Torture.Run("condition variable", nanoseconds, TortureKinds.All, contender =>
        {
            using (mutex.Enter())
            {
                contender.Require(witness.Write(contender.Next(30)), "a mutex was held by two");
                if (stored == 0 || contender.Next(3) == 0)
                {
                    stored++;
                    put++;
                    if (contender.Next(8) == 0)
                    {
                        condition.Broadcast();
                    }
                    else
                    {
                        condition.Signal();
                    }

                    if (contender.Next(2) == 0)
                    {
                        return true;
                    }
                }

                WaitResult result = WaitResult.Woken;
                while (stored == 0 && result == WaitResult.Woken)
                {
                    result = condition.Wait(mutex, Soon(contender), contender.SomeMode());
                    contender.Require(mutex.IsHeldByCurrent && witness.Write(contender.Next(30)), "a wait returned without the mutex");
                }

                if (stored == 0)
                {
                    return false;
                }

                stored--;
                taken++;
                return true;
            }
        });
        Check.False(witness.IsBroken);
        Check.Equal(put, taken + stored);
        Check.True(mutex.Owner is null);
        return operations;
    }

    /// <summary>Each completion lets one wait through: none more, none less.</summary>
    public static long Completion(ulong nanoseconds)
    {
        var completion = new Completion("torture");
        long completed = 0;
        long passed = 0;
        long operations = Torture.Run("completion", nanoseconds, TortureKinds.All, contender =>
        {
            if (contender.Next(2) == 0)
            {
                Interlocked.Increment(ref completed);
                completion.Complete();
                return true;
            }

            WaitResult result = completion.Wait(Soon(contender), contender.SomeMode());
            if (result == WaitResult.Woken)
            {
                Interlocked.Increment(ref passed);
                contender.Require(Volatile.Read(ref passed) <= Volatile.Read(ref completed), "more waits passed than were completed");
            }

            contender.AfterWait(result == WaitResult.Woken);
            return result == WaitResult.Woken;
        });
        while (completion.Wait(0) == WaitResult.Woken)
        {
            passed++;
        }

        Check.Equal(completed, passed);
        return operations;
    }

    /// <summary>Nobody passes before all have come, phase after phase; who gives up and comes again is counted once.</summary>
    public static long Barrier(ulong nanoseconds)
    {
        int parties = Torture.Contenders;
        var barrier = new TaskBarrier("torture", parties);
        long[] mine = new long[parties];
        long lasts = 0;
        long operations = Torture.Run("barrier", nanoseconds, TortureKinds.Urgencies | TortureKinds.Interrupts, contender =>
        {
            WaitResult result = barrier.Wait(out bool isLast, Soon(contender), WaitMode.Interruptible);
            if (result == WaitResult.Woken)
            {
                // The next phase cannot end without this task.
                long now = ++mine[contender.Index];
                contender.Require(barrier.Phase == (ulong)now, "a task passed the barrier in another phase than the others");
                Interlocked.Add(ref lasts, isLast ? 1 : 0);
            }

            contender.AfterWait(result == WaitResult.Woken);
            return result == WaitResult.Woken;
        });
        foreach (long count in mine)
        {
            Check.Equal((long)barrier.Phase, count);
        }

        Check.Equal((long)barrier.Phase, lasts);
        return operations;
    }

    /// <summary>Tokens that are put out and taken; each is announced by one exclusive wake-up, which no task that gives up may swallow.</summary>
    public static long WaitQueue(ulong nanoseconds)
    {
        var queue = new WaitQueue("torture");
        int tokens = 0;
        long put = 0;
        long taken = 0;
        long operations = Torture.Run("wait queue", nanoseconds, TortureKinds.All, contender =>
        {
            if (contender.Next(2) == 0)
            {
                Interlocked.Increment(ref tokens);
                Interlocked.Increment(ref put);
                queue.WakeOne();
                return true;
            }

            WaitResult result = WaitResult.Woken;
            bool got = false;
            using (WaitQueue.Wait wait = queue.Begin(Soon(contender), contender.SomeMode(), exclusive: contender.Next(4) != 0))
            {
                while (!got && result == WaitResult.Woken)
                {
                    wait.Prepare();
                    int seen = Volatile.Read(ref tokens);
                    got = seen > 0 && Interlocked.CompareExchange(ref tokens, seen - 1, seen) == seen;
                    if (!got)
                    {
                        result = wait.Sleep();
                    }
                }
            }

            Interlocked.Add(ref taken, got ? 1 : 0);
            contender.AfterWait(got);
            return got;
        });
        Check.Equal(put, taken + tokens);
        return operations;
    }

    /// <summary>Turns by ticket: a strict order, so each task is alone in its turn and no turn is skipped.</summary>
    public static long EventCounter(ulong nanoseconds)
    {
        var sequencer = new Sequencer();
        var turn = new EventCounter("torture");
        var witness = new Witness();
        long operations = Torture.Run("event counter", nanoseconds, TortureKinds.Urgencies | TortureKinds.Interrupts, contender =>
        {
            ulong ticket = sequencer.Ticket();
            WaitResult result;
            do
            {
                // A turn that was drawn must be taken: who gives up the wait waits again.
                result = turn.Await(ticket, contender.SomeDeadline(), WaitMode.Interruptible);
                contender.AfterWait(result == WaitResult.Woken);
            }
            while (result != WaitResult.Woken);
            contender.Require(turn.Value == ticket && witness.Write(contender.Next(60)), "two had the same turn");
            turn.Advance();
            return true;
        });
        Check.False(witness.IsBroken);
        Check.Equal((ulong)operations, turn.Value);
        Check.Equal(operations, witness.Writes);
        return operations;
    }

    // A wait that nobody may ever end: with a deadline, so that the torture ends.
    private static ulong Soon(Contender contender) => contender.Next(4) == 0 ? 0 : Clock.MonotonicNanoseconds + (ulong)contender.Next((int)Glance);
}
