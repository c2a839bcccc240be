using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Futexes;

/// <summary>
/// Futexes (futex(2)): waiting for a change of a word in user memory. A thread compares the word and begins to wait in one step, as seen by wake-ups: both happen under the lock of the
/// futex's bucket. User memory is touched there only by accesses that fail instead of faulting; then the lock is left, the page made present, and all begins anew. docs/futex.md has
/// the reasoning for each race.
/// <para>Results are 0 or a count, or a negative <see cref="Errno"/>. Task context, in the address space that the words are in.</para>
/// </summary>
public static partial class Futex
{
    private const string Channel = "futex";

    /// <summary>Waits until a wake-up, if the word has the expected value (FUTEX_WAIT_BITSET). The deadline is in the thread's <see cref="FutexThread.Deadline"/>.</summary>
    /// <returns>0; -EAGAIN: it has another value; -ETIMEDOUT; -ERESTARTSYS; -EFAULT.</returns>
    [MightSleep]
    public static long Wait(FutexThread thread, [UserAddress] ulong address, in FutexKey key, uint expected, uint bits)
    {
        FutexWaiter waiter = thread.Waiter;
        waiter.Set(key, bits);
        Errno begun = BeginWait(waiter, FutexTable.Of(key), address, expected);
        if (begun != Errno.Ok)
        {
            return -(long)begun;
        }

        return SleepUntilTaken(waiter) switch
        {
            WaitResult.Woken => 0,
            WaitResult.TimedOut => -(long)Errno.ETIMEDOUT,
            _ => -(long)Errno.ERESTARTSYS,
        };
    }

    /// <summary>Wakes waiters (FUTEX_WAKE_BITSET).</summary>
    /// <param name="key">The futex.</param>
    /// <param name="count">How many at most; 0 and less wake one, as on Linux.</param>
    /// <param name="bits">Only waiters that have one of these bits.</param>
    /// <returns>How many were woken; -EINVAL when some wait for a lock (FUTEX_LOCK_PI).</returns>
    [NoAllocation]
    public static long Wake(in FutexKey key, int count, uint bits)
    {
        FutexBucket bucket = FutexTable.Of(key);

        // The word was changed before the call; pairs with FutexBucket.Announce.
        Interlocked.MemoryBarrier();
        if (bucket.IsEmpty)
        {
            return 0;
        }

        using (bucket.Lock.Enter())
        {
            return WakeLocked(bucket, key, count, bits);
        }
    }

    /// <summary>Wakes some waiters of one futex and makes others wait for another one (FUTEX_REQUEUE, FUTEX_CMP_REQUEUE).</summary>
    /// <param name="address">The first futex's word.</param>
    /// <param name="from">The first futex.</param>
    /// <param name="to">The other futex.</param>
    /// <param name="expected">What the first word must hold; null does not compare.</param>
    /// <param name="wake">How many to wake, not negative.</param>
    /// <param name="requeue">How many to move, not negative.</param>
    /// <returns>How many were woken or moved; -EAGAIN: the word has another value; -EFAULT; -EINVAL: some wait for a lock.</returns>
    [MightSleep]
    public static long Requeue([UserAddress] ulong address, in FutexKey from, in FutexKey to, uint? expected, int wake, int requeue)
    {
        FutexBucket source = FutexTable.Of(from);
        FutexBucket target = FutexTable.Of(to);
        while (true)
        {
            // Counts of the target go up first: who looks whether anybody waits there sees a waiter that is on its way.
            target.Announce();
            ulong flags = FutexTable.LockBoth(source, target);
            long result = RequeueLocked(source, target, address, from, to, expected, wake, requeue);
            FutexTable.UnlockBoth(source, target, flags);
            target.Withdraw();
            if (result != -(long)Errno.EFAULT)
            {
                return result;
            }

            if (FutexMemory.FaultIn(address, forWrite: false) != Errno.Ok)
            {
                return -(long)Errno.EFAULT;
            }
        }
    }

    /// <summary>Changes one word, wakes waiters of another futex, and those of the changed one if its old value meets a condition (FUTEX_WAKE_OP).</summary>
    /// <param name="first">The futex whose waiters are woken in any case.</param>
    /// <param name="address">The word that is changed.</param>
    /// <param name="second">The futex of that word.</param>
    /// <param name="wakeFirst">How many of the first at most.</param>
    /// <param name="wakeSecond">How many of the second at most.</param>
    /// <param name="operation">What is done and compared.</param>
    /// <returns>How many were woken; -EFAULT; -ENOSYS: there is no such operation or comparison; -EINVAL: some wait for a lock.</returns>
    [MightSleep]
    public static long WakeOperation(in FutexKey first, [UserAddress] ulong address, in FutexKey second, int wakeFirst, int wakeSecond, FutexWakeOperation operation)
    {
        FutexBucket one = FutexTable.Of(first);
        FutexBucket other = FutexTable.Of(second);
        while (true)
        {
            ulong flags = FutexTable.LockBoth(one, other);
            long result;
            if (!FutexMemory.TryChange(address, operation.Operation, operation.Operand, out uint old))
            {
                result = -(long)Errno.EFAULT;
            }
            else
            {
                result = WakeLocked(one, first, wakeFirst, FutexConstants.AnyBit);
                if (result >= 0 && operation.IsTrueFor(old))
                {
                    long more = WakeLocked(other, second, wakeSecond, FutexConstants.AnyBit);
                    result = more < 0 ? more : result + more;
                }
            }

            FutexTable.UnlockBoth(one, other, flags);
            if (result != -(long)Errno.EFAULT)
            {
                return result;
            }

            if (FutexMemory.FaultIn(address, forWrite: true) != Errno.Ok)
            {
                return -(long)Errno.EFAULT;
            }
        }
    }

    /// <summary>Puts a waiter into its bucket and prepares the task to sleep, if the word has the expected value.</summary>
    /// <returns>Ok; EAGAIN; EFAULT.</returns>
    [MightSleep]
    private static Errno BeginWait(FutexWaiter waiter, FutexBucket bucket, [UserAddress] ulong address, uint expected)
    {
        while (true)
        {
            bucket.Announce();
            uint seen;
            bool present;
            using (bucket.Lock.Enter())
            {
                present = FutexMemory.TryRead(address, out seen);
                if (present && seen == expected)
                {
                    bucket.Add(waiter);
                    TaskSleep.Prepare(WaitMode.Interruptible, Channel);
                    return Errno.Ok;
                }
            }

            bucket.Withdraw();
            if (present)
            {
                return Errno.EAGAIN;
            }

            if (FutexMemory.FaultIn(address, forWrite: false) != Errno.Ok)
            {
                return Errno.EFAULT;
            }
        }
    }

    /// <summary>Sleeps until somebody takes the waiter out of its bucket, after <see cref="BeginWait"/>.</summary>
    [MightSleep]
    private static WaitResult SleepUntilTaken(FutexWaiter waiter)
    {
        while (true)
        {
            TaskSleep.Sleep(waiter.Thread.Deadline.Monotonic);

            // The lock is needed only to give up. Who took the waiter out may still be waking: at worst that ends a later sleep without a reason, which every sleep allows for.
            if (waiter.Bucket is not { } bucket)
            {
                return WaitResult.Woken;
            }

            using (bucket.Lock.Enter())
            {
                if (!ReferenceEquals(waiter.Bucket, bucket))
                {
                    // Woken or moved meanwhile.
                    if (waiter.Bucket is null)
                    {
                        return WaitResult.Woken;
                    }

                    continue;
                }

                bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
                if (interrupted || waiter.Thread.Deadline.HasPassed)
                {
                    bucket.Remove(waiter);
                    return interrupted ? WaitResult.Interrupted : WaitResult.TimedOut;
                }

                TaskSleep.Prepare(WaitMode.Interruptible, Channel);
            }
        }
    }

    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static long WakeLocked(FutexBucket bucket, in FutexKey key, int count, uint bits)
    {
        long woken = 0;
        FutexWaiter? waiter = bucket.First;
        while (waiter is not null)
        {
            FutexWaiter? next = waiter.Next;
            if (waiter.Key.Equals(key))
            {
                if (waiter.Inherited is not null || waiter.WaitsForRequeue)
                {
                    return -(long)Errno.EINVAL;
                }

                if ((waiter.Bits & bits) != 0)
                {
                    bucket.Wake(waiter);
                    woken++;
                    if (woken >= count)
                    {
                        break;
                    }
                }
            }

            waiter = next;
        }

        return woken;
    }

    [RequiresLock("source.Lock")]
    [RequiresLock("target.Lock")]
    [NoAllocation]
    private static long RequeueLocked(FutexBucket source, FutexBucket target, [UserAddress] ulong address, in FutexKey from, in FutexKey to, uint? expected, int wake, int requeue)
    {
        if (expected is { } value)
        {
            if (!FutexMemory.TryRead(address, out uint seen))
            {
                return -(long)Errno.EFAULT;
            }

            if (seen != value)
            {
                return -(long)Errno.EAGAIN;
            }
        }

        long done = 0;
        FutexWaiter? waiter = source.First;
        while (waiter is not null && done < (long)wake + requeue)
        {
            FutexWaiter? next = waiter.Next;
            if (waiter.Key.Equals(from))
            {
                if (waiter.Inherited is not null || waiter.WaitsForRequeue)
                {
                    return -(long)Errno.EINVAL;
                }

                if (done < wake)
                {
                    source.Wake(waiter);
                }
                else
                {
                    Move(source, target, waiter, to);
                }

                done++;
            }

            waiter = next;
        }

        return done;
    }

    /// <summary>Makes a waiter wait for another futex.</summary>
    [RequiresLock("source.Lock")]
    [RequiresLock("target.Lock")]
    [NoAllocation]
    private static void Move(FutexBucket source, FutexBucket target, FutexWaiter waiter, in FutexKey to)
    {
        waiter.Key = to;
        if (!ReferenceEquals(source, target))
        {
            source.Unlink(waiter);
            target.Announce();
            target.Add(waiter);
            source.Withdraw();
        }
    }
}
