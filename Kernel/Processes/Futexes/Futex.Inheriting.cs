using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Futexes;

// Locks with priority inheritance: the word holds the owner's number, the kernel has the owner's task and who waits. Both agree whenever the bucket's lock is free, but for the time from
// an owner's end until its successor has written its own number.
public static partial class Futex
{
    // A step under the bucket's lock asks for something that needs the lock to be free: the word's page.
    private const long MustFault = long.MinValue;

    // The owner's end is under way: look at the word again.
    private const long MustRetry = long.MinValue + 1;

    /// <summary>Takes a lock whose word is not 0, or waits for it (FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI). The deadline is in the thread's <see cref="FutexThread.Deadline"/>.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="address">The word.</param>
    /// <param name="key">Its futex.</param>
    /// <param name="mayWait">False: -EAGAIN instead of waiting.</param>
    /// <returns>0: the thread owns it. -EDEADLK; -ESRCH: the owner is no thread; -EPERM; -EINVAL: word and waiters contradict each other; -EAGAIN; -ETIMEDOUT; -ERESTARTNOINTR; -EFAULT.</returns>
    [MightSleep]
    public static long LockInheriting(FutexThread thread, [UserAddress] ulong address, in FutexKey key, bool mayWait)
    {
        FutexBucket bucket = FutexTable.Of(key);
        InheritedFutex spare = thread.TakeSpare();
        FutexWaiter waiter = thread.Waiter;
        waiter.Set(key, FutexConstants.AnyBit);
        while (true)
        {
            long result;
            bool queued;
            bool used;
            bucket.Announce();
            using (bucket.Lock.Enter())
            {
                result = Begin(thread, bucket, address, key, mayWait, spare);
                queued = waiter.Bucket is not null;
                used = queued && ReferenceEquals(waiter.Inherited, spare);
            }

            if (!queued)
            {
                bucket.Withdraw();
                if (result == MustRetry || (result == MustFault && FutexMemory.FaultIn(address, forWrite: true) == Errno.Ok))
                {
                    continue;
                }
            }

            if (!used)
            {
                thread.KeepSpare(spare);
            }

            if (queued)
            {
                return SleepForLock(thread, address);
            }

            return result == MustFault ? -(long)Errno.EFAULT : result;
        }
    }

    /// <summary>Gives a lock up whose word says that somebody waits (FUTEX_UNLOCK_PI): the most urgent waiter owns it.</summary>
    /// <returns>0; -EPERM: the thread does not own it; -EINVAL: some wait for a wake-up, or for another owner; -EFAULT.</returns>
    [MightSleep]
    public static long UnlockInheriting(FutexThread thread, [UserAddress] ulong address, in FutexKey key)
    {
        FutexBucket bucket = FutexTable.Of(key);
        while (true)
        {
            long result;
            using (bucket.Lock.Enter())
            {
                result = Unlock(thread, bucket, address, key);
            }

            if (result != MustFault)
            {
                return result;
            }

            if (FutexMemory.FaultIn(address, forWrite: true) != Errno.Ok)
            {
                return -(long)Errno.EFAULT;
            }
        }
    }

    /// <summary>The running thread ends, or executes another program: what it owns and others wait for goes to them, and it gets nothing new. Task context.</summary>
    [NoAllocation]
    internal static void GiveUpOwned(FutexThread thread)
    {
        while (thread.TryGetOwned(out InheritedFutex? futex, out FutexKey key))
        {
            FutexBucket bucket = FutexTable.Of(key);
            using (bucket.Lock.Enter())
            {
                if (thread.Owns(futex, key))
                {
                    PassOn(bucket, futex);
                }
            }
        }
    }

    /// <summary>Waits in the bucket of a PI futex, where <see cref="LockInheriting"/> or another thread has put the running one.</summary>
    [MightSleep]
    private static long SleepForLock(FutexThread thread, [UserAddress] ulong address)
    {
        FutexWaiter waiter = thread.Waiter;

        // Not in a bucket: it owns the lock, and the one before wrote the word, too.
        while (waiter.Bucket is { } bucket)
        {
            using (bucket.Lock.Enter())
            {
                if (waiter.Bucket is null)
                {
                    return 0;
                }

                if (!waiter.MustWriteOwner)
                {
                    bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
                    if (interrupted || thread.Deadline.HasPassed)
                    {
                        waiter.Inherited!.Queue.Remove(waiter.Task);
                        Leave(bucket, waiter, thread);
                        return interrupted ? -(long)Errno.ERESTARTNOINTR : -(long)Errno.ETIMEDOUT;
                    }

                    TaskSleep.Prepare(WaitMode.Interruptible, Channel);
                }
            }

            if (waiter.MustWriteOwner)
            {
                TaskSleep.Abandon();
                return TakeOver(thread, bucket, address);
            }

            TaskSleep.Sleep(thread.Deadline.Monotonic);
        }

        return 0;
    }

    // The owner ended, and the lock is this thread's, whatever the word says: writes that.
    [MightSleep]
    private static long TakeOver(FutexThread thread, FutexBucket bucket, [UserAddress] ulong address)
    {
        FutexWaiter waiter = thread.Waiter;
        while (true)
        {
            using (bucket.Lock.Enter())
            {
                uint mark = FutexConstants.OwnerDied | (waiter.Inherited!.Waiters > 1 ? FutexConstants.Waiters : 0);
                if (TryWriteOwner(address, thread.Number | mark))
                {
                    Leave(bucket, waiter, thread);
                    return 0;
                }
            }

            if (FutexMemory.FaultIn(address, forWrite: true) != Errno.Ok)
            {
                // The word is gone. The lock goes on to the next, who finds out for itself.
                using (bucket.Lock.Enter())
                {
                    PassOn(bucket, waiter.Inherited!);
                    Leave(bucket, waiter, thread);
                }

                return -(long)Errno.EFAULT;
            }
        }
    }

    // Puts a value into a word whose owner ended, whatever other threads do to its flags meanwhile.
    [NoAllocation]
    private static bool TryWriteOwner([UserAddress] ulong address, uint value)
    {
        if (!FutexMemory.TryRead(address, out uint word))
        {
            return false;
        }

        while (true)
        {
            if (!FutexMemory.TryReplace(address, word, value, out uint seen))
            {
                return false;
            }

            if (seen == word)
            {
                return true;
            }

            word = seen;
        }
    }

    // One attempt to take the lock or to become a waiter.
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static long Begin(FutexThread thread, FutexBucket bucket, [UserAddress] ulong address, in FutexKey key, bool mayWait, InheritedFutex spare)
    {
        long result = TryTake(thread, bucket, address, key, moreWaiters: false, out InheritedFutex? futex, out FutexThread? owner, out uint word);
        if (result <= 0 || !mayWait)
        {
            return result > 0 ? -(long)Errno.EAGAIN : result;
        }

        if (futex is null)
        {
            futex = spare;
            if (!TryBegin(futex, key, owner!))
            {
                return LookAgain(address, word);
            }
        }

        if (!futex.Queue.TryAdd(thread.Task))
        {
            EndIfUnused(futex);
            return -(long)Errno.EDEADLK;
        }

        thread.Waiter.Inherited = futex;
        futex.Waiters++;
        bucket.Add(thread.Waiter);
        return 0;
    }

    /// <summary>Takes a PI futex for a thread if its word says that it is free and nobody waits; otherwise sees to it that the word says that somebody waits, and finds who owns it.</summary>
    /// <param name="thread">Who wants it.</param>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="address">Its word.</param>
    /// <param name="key">The futex.</param>
    /// <param name="moreWaiters">Others wait that come after this thread.</param>
    /// <param name="futex">The kernel's side of it if somebody waits already.</param>
    /// <param name="owner">The owner if nobody does.</param>
    /// <param name="word">What the word holds.</param>
    /// <returns>0: taken. 1: it is another's. A negative error, <see cref="MustFault"/> or <see cref="MustRetry"/>.</returns>
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static long TryTake(
        FutexThread thread, FutexBucket bucket, [UserAddress] ulong address, in FutexKey key, bool moreWaiters, out InheritedFutex? futex, out FutexThread? owner, out uint word)
    {
        futex = null;
        owner = null;
        if (!FutexMemory.TryRead(address, out word))
        {
            return MustFault;
        }

        while (true)
        {
            uint number = word & FutexConstants.OwnerMask;
            if (number == thread.Number)
            {
                return -(long)Errno.EDEADLK;
            }

            if (bucket.Find(key) is { } other)
            {
                futex = other.Inherited;
                return futex is not null && IsConsistent(bucket, futex, number) ? 1 : -(long)Errno.EINVAL;
            }

            uint wanted = number == 0
                ? thread.Number | (word & FutexConstants.OwnerDied) | (moreWaiters ? FutexConstants.Waiters : 0)
                : word | FutexConstants.Waiters;
            if (!FutexMemory.TryReplace(address, word, wanted, out uint seen))
            {
                return MustFault;
            }

            if (seen != word)
            {
                word = seen;
                continue;
            }

            word = wanted;
            if (number == 0)
            {
                return 0;
            }

            owner = FutexThreads.Find(number);
            return owner is not null ? 1 : LookAgain(address, word);
        }
    }

    // Who waits, waits for the owner that the word says; or the owner ended and its successor has not written the word yet.
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static bool IsConsistent(FutexBucket bucket, InheritedFutex futex, uint number)
    {
        if (futex.Owner is not { } owner || owner.Number == number)
        {
            return true;
        }

        return FindWaiter(bucket, futex, owner.Task) is { MustWriteOwner: true };
    }

    // The owner does not exist, or has given up what it owned: if that was so when it was looked for, its robust list has changed the word before, unless the lock is in none.
    [NoAllocation]
    private static long LookAgain([UserAddress] ulong address, uint word)
    {
        if (!FutexMemory.TryRead(address, out uint seen))
        {
            return MustFault;
        }

        return seen == word ? -(long)Errno.ESRCH : MustRetry;
    }

    // The kernel's side of a futex begins: the owner is told.
    [NoAllocation]
    private static bool TryBegin(InheritedFutex futex, in FutexKey key, FutexThread owner)
    {
        futex.Key = key;
        futex.Waiters = 0;
        if (!owner.TryOwn(futex))
        {
            return false;
        }

        futex.Queue.SetOwner(owner.Task);
        return true;
    }

    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static long Unlock(FutexThread thread, FutexBucket bucket, [UserAddress] ulong address, in FutexKey key)
    {
        if (!FutexMemory.TryRead(address, out uint word))
        {
            return MustFault;
        }

        while (true)
        {
            if ((word & FutexConstants.OwnerMask) != thread.Number)
            {
                return -(long)Errno.EPERM;
            }

            FutexWaiter? next = null;
            InheritedFutex? futex = null;
            if (bucket.Find(key) is { } waiter)
            {
                futex = waiter.Inherited;
                if (futex is null || !ReferenceEquals(futex.Owner, thread) || futex.Queue.FirstUrgent is not { } first)
                {
                    return -(long)Errno.EINVAL;
                }

                next = FindWaiter(bucket, futex, first)!;
            }

            uint wanted = next is null ? 0 : next.Thread.Number | (futex!.Waiters > 1 ? FutexConstants.Waiters : 0);
            if (!FutexMemory.TryReplace(address, word, wanted, out uint seen))
            {
                return MustFault;
            }

            if (seen != word)
            {
                word = seen;
                continue;
            }

            if (next is not null)
            {
                HandOver(bucket, futex!, next);
                TaskStruct task = next.Task;
                Leave(bucket, next, thread);
                TaskSleep.Wake(task);
            }

            return 0;
        }
    }

    // The kernel's side: a waiter becomes the owner. It stays in the bucket.
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static void HandOver(FutexBucket bucket, InheritedFutex futex, FutexWaiter next)
    {
        futex.Owner?.Disown(futex);
        futex.Queue.HandOverTo(next.Task);

        // It waits, so it has not ended.
        next.Thread.TryOwn(futex);
    }

    // The owner is gone or gives up without writing the word: its successor writes it.
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static void PassOn(FutexBucket bucket, InheritedFutex futex)
    {
        if (futex.Queue.FirstUrgent is { } first && FindWaiter(bucket, futex, first) is { } next)
        {
            HandOver(bucket, futex, next);
            next.MustWriteOwner = true;
            TaskSleep.Wake(first);
        }
        else
        {
            futex.Owner?.Disown(futex);
            futex.Queue.SetOwner(null);
        }
    }

    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static FutexWaiter? FindWaiter(FutexBucket bucket, InheritedFutex futex, TaskStruct task)
    {
        FutexWaiter? waiter = bucket.First;
        while (waiter is not null && !(ReferenceEquals(waiter.Inherited, futex) && ReferenceEquals(waiter.Task, task)))
        {
            waiter = waiter.Next;
        }

        return waiter;
    }

    // A waiter leaves the bucket, and with the last one the kernel's side of the futex ends: the running thread keeps the object.
    [RequiresLock("bucket.Lock")]
    [NoAllocation]
    private static void Leave(FutexBucket bucket, FutexWaiter waiter, FutexThread running)
    {
        InheritedFutex futex = waiter.Inherited!;
        futex.Waiters--;
        if (futex.Waiters == 0)
        {
            EndIfUnused(futex);
            running.KeepSpare(futex);
        }

        bucket.Remove(waiter);
    }

    [NoAllocation]
    private static void EndIfUnused(InheritedFutex futex)
    {
        if (futex.Waiters == 0)
        {
            futex.Owner?.Disown(futex);
            futex.Queue.SetOwner(null);
        }
    }
}
