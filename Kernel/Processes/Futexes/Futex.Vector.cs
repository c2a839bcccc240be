using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Futexes;

// Waiting for one of several words.
public static partial class Futex
{
    /// <summary>Waits for a wake-up of any of several words, if all have the expected values (futex_waitv(2)). The deadline is in the thread's <see cref="FutexThread.Deadline"/>.</summary>
    /// <returns>The index of one that was woken; -EAGAIN: one has another value; -ETIMEDOUT; -ERESTARTSYS; -EFAULT.</returns>
    [MightSleep]
    public static long WaitAny(FutexThread thread, FutexWaitTarget[] targets)
    {
        var waiters = new FutexWaiter[targets.Length];
        for (int i = 0; i < waiters.Length; i++)
        {
            waiters[i] = new FutexWaiter(thread);
        }

        while (true)
        {
            long begun = 0;
            int count = 0;
            while (begun == 0 && count < targets.Length)
            {
                begun = Queue(waiters[count], targets[count]);
                count += begun == 0 ? 1 : 0;
            }

            if (begun == 0)
            {
                begun = SleepUntilOneTaken(thread, waiters);
            }

            int woken = Unqueue(waiters.AsSpan(0, count));
            if (woken >= 0)
            {
                return woken;
            }

            if (begun != MustFault)
            {
                return begun;
            }

            if (FutexMemory.FaultIn(targets[count].Address, forWrite: false) != Errno.Ok)
            {
                return -(long)Errno.EFAULT;
            }
        }
    }

    [NoAllocation]
    private static long Queue(FutexWaiter waiter, in FutexWaitTarget target)
    {
        waiter.Set(target.Key, FutexConstants.AnyBit);
        FutexBucket bucket = FutexTable.Of(target.Key);
        bucket.Announce();
        bool present;
        using (bucket.Lock.Enter())
        {
            present = FutexMemory.TryRead(target.Address, out uint seen);
            if (present && seen == target.Expected)
            {
                bucket.Add(waiter);
                return 0;
            }
        }

        bucket.Withdraw();
        return present ? -(long)Errno.EAGAIN : MustFault;
    }

    [MightSleep]
    private static long SleepUntilOneTaken(FutexThread thread, FutexWaiter[] waiters)
    {
        while (true)
        {
            // First the state, then the look: who takes a waiter out after the look wakes the task.
            TaskSleep.Prepare(WaitMode.Interruptible, Channel);
            bool taken = false;
            foreach (FutexWaiter waiter in waiters)
            {
                taken |= waiter.Bucket is null;
            }

            bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
            bool passed = thread.Deadline.HasPassed;
            if (taken || interrupted || passed)
            {
                TaskSleep.Abandon();
                return taken ? 0 : interrupted ? -(long)Errno.ERESTARTSYS : -(long)Errno.ETIMEDOUT;
            }

            TaskSleep.Sleep(thread.Deadline.Monotonic);
        }
    }

    // Takes all out. Returns the index of the last one that somebody else had taken out, which is a wake-up; -1 for none.
    [NoAllocation]
    private static int Unqueue(ReadOnlySpan<FutexWaiter> waiters)
    {
        int woken = -1;
        for (int i = 0; i < waiters.Length; i++)
        {
            FutexWaiter waiter = waiters[i];
            bool removed = false;
            while (!removed && waiter.Bucket is { } bucket)
            {
                using (bucket.Lock.Enter())
                {
                    // It may have been moved to another futex meanwhile.
                    if (ReferenceEquals(waiter.Bucket, bucket))
                    {
                        bucket.Remove(waiter);
                        removed = true;
                    }
                }
            }

            woken = removed ? woken : i;
        }

        return woken;
    }
}
