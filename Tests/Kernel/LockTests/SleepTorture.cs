using System;
using System.Linq;
using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Locks;

/// <summary>Locks that are held by tasks which may sleep; waits end by deadline, interrupt and kill at any moment.</summary>
internal static class SleepTorture
{
    /// <summary>Exclusion, progress, and that no hand-over is lost to who gives up.</summary>
    public static long Mutex(ulong nanoseconds)
    {
        var mutex = new Tasks.Waiting.Mutex("torture");
        var witness = new Witness();
        long operations = Torture.Run("mutex", nanoseconds, TortureKinds.All, contender =>
        {
            bool taken;
            using (Tasks.Waiting.Mutex.Guard guard = mutex.TryEnter(contender.SomeDeadline(), contender.SomeMode()))
            {
                taken = guard.Taken;
                if (taken)
                {
                    contender.Require(mutex.IsHeldByCurrent && witness.Write(contender.Next(60)), "a mutex was held by two");
                    Linger(contender);
                }
            }

            contender.AfterWait(taken);
            return taken;
        });
        Check.False(witness.IsBroken);
        Check.True(mutex.Owner is null);
        using Tasks.Waiting.Mutex.Guard last = mutex.TryEnter();
        Check.True(last.Taken);
        return operations;
    }

#pragma warning disable CKL005, CKL008 // which of the locks is held, and how, is decided by chance: the witnesses tell whether it is
    /// <summary>The same for two of four rt-mutexes in any order: deadlocks are refused, never met, and what was lent is given back.</summary>
    public static long RtMutex(ulong nanoseconds)
    {
        RtMutex[] mutexes = [.. Enumerable.Range(0, 4).Select(i => new RtMutex($"torture {i}"))];
        using LockExpectation circles = LockValidator.Expect([.. mutexes.Select(mutex => LockClasses.Register(mutex.Name))]);
        Witness[] witnesses = [.. mutexes.Select(_ => new Witness())];
        long operations = Torture.Run("rt-mutex", nanoseconds, TortureKinds.All, contender =>
        {
            bool taken = Take(contender, () => Take(contender, null));

            // Only now: it may end a killed task, which must hold nothing.
            contender.AfterWait(taken);
            return taken;
        });
        foreach (RtMutex mutex in mutexes)
        {
            Check.True(mutex.Owner is null);
            using RtMutex.Guard last = mutex.TryEnter();
            Check.True(last.Taken);
        }

        Check.True(witnesses.All(witness => !witness.IsBroken));
        return operations;

        bool Take(Contender contender, Func<bool>? inside)
        {
            int which = contender.Next(4);
            using RtMutex.Guard guard = mutexes[which].TryEnter(contender.SomeDeadline(), contender.SomeMode());
            if (guard.Taken)
            {
                contender.Require(witnesses[which].Write(contender.Next(60)), "an rt-mutex was held by two");
                Linger(contender);
                inside?.Invoke();
                contender.Require(mutexes[which].IsHeldByCurrent, "an rt-mutex was lost");
            }

            return guard.Taken;
        }
    }

    /// <summary>Readers together, writers alone, downgrades between.</summary>
    public static long ReaderWriterSemaphore(ulong nanoseconds)
    {
        var semaphore = new ReaderWriterSemaphore("torture");
        var witness = new Witness();
        long operations = Torture.Run("reader-writer semaphore", nanoseconds, TortureKinds.All, contender =>
        {
            bool taken = contender.Next(8) switch
            {
                0 => Downgrade(contender),
                1 or 2 => Write(contender),
                _ => Read(contender),
            };
            contender.AfterWait(taken);
            return taken;
        });
        Check.False(witness.IsBroken);
        Check.Equal(0, semaphore.Readers);
        using ReaderWriterSemaphore.WriteGuard last = semaphore.TryEnterWrite();
        Check.True(last.Taken);
        return operations;

        bool Write(Contender contender)
        {
            using ReaderWriterSemaphore.WriteGuard guard = semaphore.TryEnterWrite(contender.SomeDeadline(), contender.SomeMode());
            if (guard.Taken)
            {
                witness.Write(contender.Next(60));
                Linger(contender);
            }

            return guard.Taken;
        }

        bool Read(Contender contender)
        {
            using ReaderWriterSemaphore.ReadGuard guard = semaphore.TryEnterRead(contender.SomeDeadline(), contender.SomeMode());
            if (guard.Taken)
            {
                witness.Read(contender.Next(60));
                Linger(contender);
            }

            return guard.Taken;
        }

        bool Downgrade(Contender contender)
        {
            semaphore.AcquireWrite();
            witness.Write(contender.Next(60));
            semaphore.Downgrade();
            witness.Read(contender.Next(60));
            Linger(contender);
            semaphore.ReleaseRead();
            return true;
        }
    }
#pragma warning restore CKL005, CKL008

    /// <summary>Never more than three inside, and at the end all three units are there again.</summary>
    public static long Semaphore(ulong nanoseconds)
    {
        const int units = 3;
        var semaphore = new Tasks.Waiting.Semaphore("torture", units);
        int inside = 0;
        long operations = Torture.Run("semaphore", nanoseconds, TortureKinds.All, contender =>
        {
            WaitResult result = semaphore.Wait(contender.SomeDeadline(), contender.SomeMode());
            if (result == WaitResult.Woken)
            {
                contender.Require(Interlocked.Increment(ref inside) <= units, "more tasks than units were inside");
                Linger(contender);
                Interlocked.Decrement(ref inside);
                semaphore.Release();
            }

            contender.AfterWait(result == WaitResult.Woken);
            return result == WaitResult.Woken;
        });
        Check.Equal(units, semaphore.Count);
        return operations;
    }

    // Now and then the holder loses its CPU.
    private static void Linger(Contender contender)
    {
        if (contender.Next(16) == 0)
        {
            KernelTask.Yield();
        }
    }
}
