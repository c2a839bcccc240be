using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

// Contention: queueing and handing over.
public sealed partial class ReaderWriterSemaphore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckWriter()
    {
        if (Volatile.Read(ref _writer) != TaskStruct.Current.Pid)
        {
            Panic.Now("A task releases a reader-writer semaphore that it has not taken for writing"u8);
        }
    }

    [MightSleep]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WaitResult AcquireValidated(bool write, ulong deadline, WaitMode mode)
    {
        LockAccess access = write ? LockAccess.Exclusive : LockAccess.Shared;
        LockValidator.Acquiring(this, _class, deadline != 0, access);
        bool waited = !TakeIfFree(write, TaskStruct.Current);
        WaitResult result = waited ? AcquireSlow(write, deadline, mode) : WaitResult.Woken;
        LockValidator.Acquired(this, _class, result == WaitResult.Woken, deadline != 0, waited, access);
        return result;
    }

    [MightSleep]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WaitResult AcquireSlow(bool write, ulong deadline, WaitMode mode)
    {
        LockStatistics.CountContention(_class);
        TaskStruct task = TaskStruct.Current;
        if (Volatile.Read(ref _writer) == task.Pid)
        {
            Panic.Now("A task waits for a reader-writer semaphore that it holds for writing"u8);
        }

        if (deadline == 0)
        {
            return TakeIfFree(write, task) ? WaitResult.Woken : WaitResult.TimedOut;
        }

        using (_lock.Enter())
        {
            if (TakeOrMark(write, task))
            {
                return WaitResult.Woken;
            }

            task.Waiter.IsExclusive = write;
            _waiters.AddByUrgency(task.Waiter);

            // A holder may have left after the look and before the mark; or an urgent reader stands now before the writer that readers wait behind.
            HandOver();
            if (!task.Waiter.IsListed)
            {
                return WaitResult.Woken;
            }

            task.PrepareToSleep(mode, _name);
        }

        WaitResult result = _waiters.SleepUntilTaken(ref _lock, deadline, mode, _name);
        if (result != WaitResult.Woken)
        {
            using (_lock.Enter())
            {
                // Who stood behind a writer that gave up may be a reader that can join those that hold it.
                HandOver();
            }
        }

        return result;
    }

    // Takes the lock if nobody waits and the holders allow it.
    private bool TakeIfFree(bool write, TaskStruct task)
    {
        int word = Volatile.Read(ref _word);
        while (word == 0 || (!write && (word & (Writer | Waiters)) == 0))
        {
            // A full fence, as on the fast path.
            int taken = word + (write ? Writer : Reader);
            int seen = Interlocked.CompareExchange(ref _word, taken, word);
            if (seen == word)
            {
                NoteWriter(write, task);
                return true;
            }

            word = seen;
        }

        return false;
    }

    // Takes the lock if nobody waits and the holders allow it, or sets the mark that somebody waits: one or the other, in one step.
    [RequiresLock(nameof(_lock))]
    private bool TakeOrMark(bool write, TaskStruct task)
    {
        while (!TakeIfFree(write, task))
        {
            int word = Volatile.Read(ref _word);
            bool blocked = (word & (Writer | Waiters)) != 0 || (write && word != 0);
            if (blocked && Interlocked.CompareExchange(ref _word, word | Waiters, word) == word)
            {
                return false;
            }
        }

        return true;
    }

    // Gives the lock to as many from the front of the queue as may hold it now, and takes the mark away when nobody is left.
    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void HandOver()
    {
        while (_waiters.First is { } first)
        {
            // The mark is set, so nobody else takes the lock now: holders only become fewer, and what is allowed stays so.
            int word = Volatile.Read(ref _word);
            if ((word & Writer) != 0 || (first.IsExclusive && word >= Reader))
            {
                return;
            }

            int share = first.IsExclusive ? Writer : Reader;
            Interlocked.Add(ref _word, share);
            NoteWriter(first.IsExclusive, first.Task);
            _waiters.WakeFirst();
        }

        Interlocked.And(ref _word, ~Waiters);
    }

    private void NoteWriter(bool write, TaskStruct task)
    {
        if (write)
        {
            Volatile.Write(ref _writer, task.Pid);
        }
    }

    // The last reader left and somebody waits, or there was no reader.
    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseReadSlow(int word)
    {
        if (word < 0 || (word & Writer) != 0)
        {
            Panic.Now("A task releases a reader-writer semaphore that nobody has taken for reading"u8);
        }

        using (_lock.Enter())
        {
            HandOver();
        }
    }

    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseWriteSlow(int readers)
    {
        // The mark stays, so nobody takes the lock before it is handed over.
        Interlocked.Add(ref _word, readers - Writer);
        using (_lock.Enter())
        {
            HandOver();
        }
    }
}
