using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>
/// Read-copy-update: readers of a structure take no lock and write nothing that others see; a writer puts a new version in the place of the old one by a single store, waits for a
/// grace period, after which no reader can still be looking at the old version, and only then reuses it.
/// <code>
/// using (Rcu.Read())                                   // reader
/// {
///     Route? route = Rcu.Load(ref _route);
///     ...                                              // may be preempted, must not sleep
/// }
///
/// Route? old = _route;                                 // writer, under the writers' lock
/// Rcu.Publish(ref _route, newRoute);
/// Rcu.Synchronize();
/// pool.Return(old);                                    // nobody looks at it any more
/// </code>
/// Memory that the collector owns needs no grace period before it is freed: see docs/rcu.md for what does.
/// <para>Rules of a section: it may be preempted and moved to another CPU; it must not sleep; sections nest; each ends in the task, or the interrupt handler, that began it; it may begin and
/// end under any lock. In NMIs there are no sections, nor in the idle loop itself.</para>
/// <para>Idea: McKenney and Slingwine, "Read-copy update: using execution history to solve concurrency problems" (PDCS 1998); preemptible readers as in McKenney, "Is Parallel Programming Hard", chapter 9 and appendix B.</para>
/// </summary>
public static class Rcu
{
    /// <summary>The grace period that ended last, from 0 at boot; for reports.</summary>
    public static ulong GracePeriodsEnded => GracePeriods.Completed;

    /// <summary>CPUs that were interrupted for grace periods since boot; idle ones are not.</summary>
    public static ulong CpusAsked => GracePeriods.Questions;

    /// <summary>After how many nanoseconds a grace period that has not ended is reported; and again each time.</summary>
    public static ulong StallTime
    {
        get => GracePeriods.StallTime;
        set => GracePeriods.StallTime = value;
    }

    /// <summary>The code that asks is inside a section.</summary>
    public static bool IsReading => ReadSection.IsActive;

    /// <summary>Starts the task of RCU. Once, at boot, after <see cref="Deferred.Work.WorkQueues.Start"/>. Sections may be used before.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        RcuCallbacks.Start();
        GracePeriods.Start();
    }

    /// <summary>Begins a read-side section, which ends when the result is disposed. Any context but NMI; never waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Section Read()
    {
        ReadSection.Begin();
        return new Section(active: true);
    }

    /// <summary>Reads a reference that writers replace. Inside a section, or under the writers' lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(ref T location)
        where T : class? => Volatile.Read(ref location);

    /// <summary>Lets readers see a new version: whoever loads it sees all that was written to it before. Under the writers' lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish<T>(ref T location, T value)
        where T : class? => Volatile.Write(ref location, value);

    /// <summary>
    /// Waits until every section has ended that had begun when this was called. What the caller wrote before is seen by all sections that begin after the return, and what those readers did is seen
    /// by the caller. Takes up to a millisecond longer than the sections, since waiters share grace periods. Task context, outside of any section.
    /// </summary>
    [MightSleep]
    public static void Synchronize() => Wait(hurry: false);

    /// <summary>As <see cref="Synchronize"/>, without waiting for others to share the grace period: each call interrupts all CPUs that are busy.</summary>
    [MightSleep]
    public static void SynchronizeNow() => Wait(hurry: true);

    /// <summary>
    /// Calls <see cref="RcuCallback.GracePeriodEnded"/> after a grace period, in a work item. Any context but NMI, inside a section and under any lock too; allocates nothing.
    /// Handing in a callback that waits already is a panic.
    /// </summary>
    [NoAllocation]
    public static void Call(RcuCallback callback) => RcuCallbacks.Add(callback);

    /// <summary>Waits until every callback has run that was handed in before, on any CPU. A module does this before its code goes away. Task context, outside of any section, and not in a callback.</summary>
    [MightSleep]
    public static void Barrier()
    {
        AssertOutside();
        ulong next = GracePeriods.Next();
        GracePeriods.Want(next, hurry: false);
        RcuCallbacks.Wait(next);
    }

    /// <summary>A ticket for <see cref="HasElapsed"/>: for code that can do something else until a grace period is over. Any context but NMI.</summary>
    [NoAllocation]
    public static ulong TakeTicket()
    {
        ulong next = GracePeriods.Next();
        GracePeriods.Want(next, hurry: false);
        return next;
    }

    /// <summary>Whether every section has ended that had begun when the ticket was taken. Any context.</summary>
    [NoAllocation]
    public static bool HasElapsed(ulong ticket)
    {
        bool elapsed = GracePeriods.Completed >= ticket;

        // What the caller does next comes after what the readers did; pairs with the fences that their CPUs passed by when they answered.
        Interlocked.MemoryBarrier();
        return elapsed;
    }

    private static void Wait(bool hurry)
    {
        AssertOutside();
        ulong next = GracePeriods.Next();
        GracePeriods.Want(next, hurry);
        GracePeriods.Wait(next);
    }

    private static void AssertOutside()
    {
        if (IsReading)
        {
            Panic.Now("A task waits for a grace period inside a read-side section, which would never end"u8);
        }

        Preemption.AssertMaySleep("A task waits for a grace period with preemption or interrupts off"u8);
    }

    /// <summary>A read-side section, until it is disposed.</summary>
    public readonly ref struct Section
    {
        private readonly bool _active;

        internal Section(bool active)
        {
            _active = active;
        }

        /// <summary>Ends the section.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (_active)
            {
                ReadSection.End();
            }
        }
    }
}
