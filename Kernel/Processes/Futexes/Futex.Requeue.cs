using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Futexes;

// A condition variable with a PI mutex: waiters are moved from the condition's futex to the mutex's, so that each wakes up as its owner.
public static partial class Futex
{
    /// <summary>Waits for being moved to a PI futex, and then for that lock (FUTEX_WAIT_REQUEUE_PI). The deadline is in the thread's <see cref="FutexThread.Deadline"/>.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="address">The condition's word.</param>
    /// <param name="key">Its futex.</param>
    /// <param name="expected">What it must hold.</param>
    /// <param name="lockAddress">The lock's word.</param>
    /// <param name="lockKey">Its futex.</param>
    /// <returns>0: the thread owns the lock. -EAGAIN: the word has another value, or a signal came after the move; -EINVAL: both are one futex; otherwise as <see cref="LockInheriting"/>.</returns>
    [MightSleep]
    public static long WaitRequeue(FutexThread thread, [UserAddress] ulong address, in FutexKey key, uint expected, [UserAddress] ulong lockAddress, in FutexKey lockKey)
    {
        if (key.Equals(lockKey))
        {
            return -(long)Errno.EINVAL;
        }

        FutexWaiter waiter = thread.Waiter;
        waiter.Set(key, FutexConstants.AnyBit);
        waiter.WaitsForRequeue = true;
        waiter.RequeueKey = lockKey;
        Errno begun = BeginWait(waiter, FutexTable.Of(key), address, expected);
        if (begun != Errno.Ok)
        {
            return -(long)begun;
        }

        while (true)
        {
            TaskSleep.Sleep(thread.Deadline.Monotonic);
            if (waiter.Bucket is not { } bucket)
            {
                // Who moves waiters found the lock free.
                return 0;
            }

            using (bucket.Lock.Enter())
            {
                // Otherwise it was moved, this very moment or before.
                if (ReferenceEquals(waiter.Bucket, bucket) && waiter.Inherited is null)
                {
                    bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
                    if (interrupted || thread.Deadline.HasPassed)
                    {
                        bucket.Remove(waiter);
                        return interrupted ? -(long)Errno.ERESTARTNOINTR : -(long)Errno.ETIMEDOUT;
                    }

                    TaskSleep.Prepare(WaitMode.Interruptible, Channel);
                    continue;
                }
            }

            if (waiter.Bucket is null)
            {
                return 0;
            }

            long result = SleepForLock(thread, lockAddress);

            // The condition was signalled: the call cannot begin anew.
            return result == -(long)Errno.ERESTARTNOINTR ? -(long)Errno.EAGAIN : result;
        }
    }

    /// <summary>Moves waiters of a condition to a PI futex; if that is free, the first gets it (FUTEX_CMP_REQUEUE_PI).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="address">The condition's word.</param>
    /// <param name="key">Its futex.</param>
    /// <param name="expected">What it must hold.</param>
    /// <param name="lockAddress">The lock's word.</param>
    /// <param name="lockKey">Its futex.</param>
    /// <param name="requeue">How many waiters beyond the first at most, not negative.</param>
    /// <returns>How many were moved or got the lock; -EAGAIN: the word has another value; -EINVAL: both are one futex, or some wait for something else; otherwise as <see cref="LockInheriting"/>.</returns>
    [MightSleep]
    public static long RequeueInheriting(
        FutexThread thread, [UserAddress] ulong address, in FutexKey key, uint expected, [UserAddress] ulong lockAddress, in FutexKey lockKey, int requeue)
    {
        if (key.Equals(lockKey))
        {
            return -(long)Errno.EINVAL;
        }

        FutexBucket source = FutexTable.Of(key);
        FutexBucket target = FutexTable.Of(lockKey);
        InheritedFutex spare = thread.TakeSpare();
        while (true)
        {
            target.Announce();
            ulong flags = FutexTable.LockBoth(source, target);
            bool present = FutexMemory.TryRead(address, out uint seen);
            long result = !present ? MustFault
                : seen != expected ? -(long)Errno.EAGAIN
                : MoveToLock(source, target, key, lockAddress, lockKey, requeue, spare);
            bool used = spare.Waiters > 0;
            FutexTable.UnlockBoth(source, target, flags);
            target.Withdraw();
            if (result == MustRetry)
            {
                continue;
            }

            if (result == MustFault)
            {
                if (FutexMemory.FaultIn(address, forWrite: false) == Errno.Ok && FutexMemory.FaultIn(lockAddress, forWrite: true) == Errno.Ok)
                {
                    continue;
                }

                result = -(long)Errno.EFAULT;
            }

            if (!used)
            {
                thread.KeepSpare(spare);
            }

            return result;
        }
    }

    [RequiresLock("source.Lock")]
    [RequiresLock("target.Lock")]
    [NoAllocation]
    private static long MoveToLock(
        FutexBucket source, FutexBucket target, in FutexKey key, [UserAddress] ulong lockAddress, in FutexKey lockKey, int requeue, InheritedFutex spare)
    {
        spare.Waiters = 0;
        if (source.Find(key) is not { } first)
        {
            return 0;
        }

        if (!first.WaitsForRequeue || !first.RequeueKey.Equals(lockKey))
        {
            return -(long)Errno.EINVAL;
        }

        long taken = TryTake(first.Thread, target, lockAddress, lockKey, requeue > 0, out InheritedFutex? futex, out FutexThread? owner, out uint word);
        if (taken < 0)
        {
            return taken;
        }

        long done = 0;
        if (taken == 0)
        {
            owner = first.Thread;
            first.WasRequeued = true;
            source.Wake(first);
            done = 1;
        }

        if (futex is null)
        {
            futex = spare;
            if (!TryBegin(futex, lockKey, owner!))
            {
                return done > 0 ? done : LookAgain(lockAddress, word);
            }
        }

        Errno error = Errno.Ok;
        FutexWaiter? waiter = source.First;
        while (waiter is not null && done <= requeue && error == Errno.Ok)
        {
            FutexWaiter? next = waiter.Next;
            if (waiter.Key.Equals(key))
            {
                error = MoveToLock(source, target, waiter, lockKey, futex);
                done += error == Errno.Ok ? 1 : 0;
            }

            waiter = next;
        }

        EndIfUnused(futex);
        return error == Errno.Ok ? done : -(long)error;
    }

    [RequiresLock("source.Lock")]
    [RequiresLock("target.Lock")]
    [NoAllocation]
    private static Errno MoveToLock(FutexBucket source, FutexBucket target, FutexWaiter waiter, in FutexKey lockKey, InheritedFutex futex)
    {
        if (!waiter.WaitsForRequeue || !waiter.RequeueKey.Equals(lockKey))
        {
            return Errno.EINVAL;
        }

        if (!futex.Queue.TryAdd(waiter.Task))
        {
            return Errno.EDEADLK;
        }

        waiter.Inherited = futex;
        waiter.WasRequeued = true;
        futex.Waiters++;
        Move(source, target, waiter, lockKey);
        return Errno.Ok;
    }
}
