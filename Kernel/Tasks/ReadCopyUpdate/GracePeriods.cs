using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>
/// Drives grace periods, one at a time, numbered from 1. A grace period begins, asks every CPU that is not idle whether it is inside a read-side section, and ends when each has
/// answered and all tasks have left their sections that were seen in one by then.
/// <para>
/// A CPU answers in the interrupt that asks it: if the task that it interrupts is in no section, the CPU has passed; if it is in one, the task is listed
/// (<see cref="BlockedReaders"/>) and the CPU has passed as well. Tasks that are switched out in a section are listed then. So readers that run pay nothing, and one that was
/// caught pays at the end of its section.
/// </para>
/// </summary>
internal static class GracePeriods
{
    /// <summary>The least time between the starts of two grace periods for which nobody is in a hurry, nanoseconds: what is asked for meanwhile shares one.</summary>
    public const ulong Interval = 1_000_000;

    /// <summary>A grace period that takes longer than this is reported, and again each time, nanoseconds.</summary>
    public const ulong DefaultStallTime = 10_000_000_000;

    // The least urgent real-time task: it does little, and many wait for it.
    private const int Priority = 98;

    private static IrqSpinLock s_lock = new(LockClass.GracePeriods);

    // The highest grace period that somebody wants.
    [GuardedBy(nameof(s_lock))]
    private static ulong s_wanted;

    // The highest grace period that somebody is in a hurry for.
    [GuardedBy(nameof(s_lock))]
    private static ulong s_hurried;

    // Written by the grace period's task only.
    [Atomic]
    private static ulong s_started;

    [Atomic]
    private static ulong s_completed;

    [Atomic]
    private static ulong s_questions;

    [Immutable]
    private static WaitQueue s_wake = null!;

    [Immutable]
    private static WaitQueue s_ended = null!;

    /// <summary>The number of the grace period that began last.</summary>
    public static ulong Started => Volatile.Read(ref s_started);

    /// <summary>The number of the grace period that ended last.</summary>
    public static ulong Completed => Volatile.Read(ref s_completed);

    /// <summary>CPUs that were interrupted for grace periods since boot.</summary>
    public static ulong Questions => Volatile.Read(ref s_questions);

    /// <summary>After how many nanoseconds a grace period is reported as stalled.</summary>
    [Atomic]
    public static ulong StallTime { get; set; }

    /// <summary>Starts the task that drives them. Once, at boot, after the scheduler.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        StallTime = DefaultStallTime;
        s_wake = new WaitQueue("grace period wanted");
        s_ended = new WaitQueue("grace period");
        KernelTask.Start(new TaskOptions { Name = "rcu", Priority = Priority, Detached = true }, Run);
    }

    /// <summary>
    /// The first grace period that is sure to begin after this call: when it has ended, every section that had begun by now has too. A full fence: what the caller wrote before is
    /// seen by all sections that begin after that grace period has begun.
    /// </summary>
    public static ulong Next()
    {
        // Pairs with the exchange in Run: either that comes later, and so do its questions, or the number read here is the new one.
        Interlocked.MemoryBarrier();
        return Started + 1;
    }

    /// <summary>Makes sure that a grace period comes. Any context but NMI, whatever lock is held.</summary>
    /// <param name="gracePeriod">Which, as <see cref="Next"/> gave it.</param>
    /// <param name="hurry">It is not to wait for others to share it.</param>
    [NoAllocation]
    public static void Want(ulong gracePeriod, bool hurry)
    {
        using (s_lock.Enter())
        {
            if (gracePeriod <= (hurry ? s_hurried : s_wanted))
            {
                return;
            }

            s_wanted = Math.Max(s_wanted, gracePeriod);
            s_hurried = hurry ? gracePeriod : s_hurried;
        }

        RequestWake();
    }

    /// <summary>Lets the grace period's task look again. Deferred work.</summary>
    [NoAllocation]
    public static void Wake() => s_wake.WakeAll();

    /// <summary>Waits until a grace period has ended. Task context, outside of any section.</summary>
    [MightSleep]
    public static void Wait(ulong gracePeriod)
    {
        using WaitQueue.Wait wait = s_ended.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Completed >= gracePeriod)
            {
                return;
            }

            wait.Sleep();
        }
    }

    /// <summary>A task leaves its CPU inside a section. On its CPU, interrupts off, the run queue's lock held.</summary>
    [NoAllocation]
    public static void SwitchedOut(RunQueue queue, TaskStruct task, SwitchReason reason)
    {
        if (reason == SwitchReason.Blocked)
        {
            Panic.Now("A task sleeps inside a read-side section of RCU"u8);
        }

        queue.Readers.Add(task);
    }

    /// <summary>The interrupt that another CPU sends: answers for this CPU if it was asked.</summary>
    [InterruptContext]
    public static void Answer()
    {
        RunQueue queue = RunQueue.Current;
        if (queue.Readers.TakeQuestion() && PassHere(queue))
        {
            queue.Readers.Waker.Request();
        }
    }

    /// <summary>A watched task may have left its outermost section.</summary>
    [NoAllocation]
    public static void SectionEnded()
    {
        ulong flags = InterruptFlag.Disable();
        TaskStruct task = TaskStruct.Current;

        // An interrupt between the end of the section and here may have done it already.
        bool isLast = task.Thread.IsReadSectionWatched && !task.Thread.IsInReadSection && task.ReaderList!.Remove(task);
        if (isLast)
        {
            RunQueue.Current.Readers.Waker.Request();
        }

        Preemption.RestoreInterrupts(flags);
    }

    // Not at once: the caller may hold a lock that waking takes, the run queue's too. Deferred work runs when none is held on this CPU.
    [NoAllocation]
    private static void RequestWake()
    {
        ulong flags = InterruptFlag.Disable();
        RunQueue.Current.Readers.Waker.Request();
        Preemption.RestoreInterrupts(flags);
    }

    private static int Run()
    {
        ulong lastStart = 0;
        while (true)
        {
            AwaitWish(lastStart);
            ulong gracePeriod = Started + 1;

            // A full fence, which pairs with the one in Next: readers that do not see what a waiter wrote before it got this number are found by the questions below.
            Interlocked.Exchange(ref s_started, gracePeriod);
            lastStart = Clock.MonotonicNanoseconds;

            // Before any CPU is asked, so that what these callbacks are to release was out of reach before the first answer.
            RcuCallbacks.Collect();
            Drive(gracePeriod, lastStart);
            Volatile.Write(ref s_completed, gracePeriod);
            s_ended.WakeAll();
            RcuCallbacks.Release(gracePeriod);
        }
    }

    // Sleeps until a grace period is wanted, and if nobody is in a hurry until the next one may begin.
    [MightSleep]
    private static void AwaitWish(ulong lastStart)
    {
        ulong earliest = lastStart == 0 ? 0 : lastStart + Interval;
        while (true)
        {
            Wish wish = LookAtWishes();
            if (wish == Wish.Hurried || (wish == Wish.Wanted && Clock.MonotonicNanoseconds >= earliest))
            {
                return;
            }

            using WaitQueue.Wait wait = s_wake.Begin(wish == Wish.Wanted ? earliest : Scheduler.Never, WaitMode.Uninterruptible);
            wait.Prepare();
            if (LookAtWishes() == wish)
            {
                wait.Sleep();
            }
        }
    }

    private static Wish LookAtWishes()
    {
        using (s_lock.Enter())
        {
            return s_hurried > Completed ? Wish.Hurried : s_wanted > Completed ? Wish.Wanted : Wish.None;
        }
    }

    [MightSleep]
    private static void Drive(ulong gracePeriod, ulong start)
    {
        ulong stallTime = StallTime;
        ulong deadline = start + stallTime;
        while (true)
        {
            using WaitQueue.Wait wait = s_wake.Begin(deadline, WaitMode.Uninterruptible);
            wait.Prepare();
            if (IsOver(gracePeriod))
            {
                return;
            }

            if (wait.Sleep() == WaitResult.TimedOut)
            {
                ulong now = Clock.MonotonicNanoseconds;
                RcuStall.Report(gracePeriod, now - start);
                deadline = now + stallTime;
            }
        }
    }

    // One round over the CPUs, those included that have started since the last one.
    private static bool IsOver(ulong gracePeriod)
    {
        bool over = true;
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (RunQueues.Get(cpu) is { } queue)
            {
                over &= HasPassed(queue, gracePeriod);
            }
        }

        return over;
    }

    private static bool HasPassed(RunQueue queue, ulong gracePeriod)
    {
        (bool passed, bool clear) = queue.Readers.Look(gracePeriod);
        if (passed)
        {
            return clear;
        }

        ulong flags = InterruptFlag.Disable();
        if (queue.Index == Cpu.CurrentIndex)
        {
            PassHere(queue);
        }
        else if (IsIdle(queue))
        {
            queue.Readers.PassIdle();
        }
        else if (queue.Readers.AskedFor != gracePeriod)
        {
            queue.Readers.AskedFor = gracePeriod;
            queue.Readers.Ask();
            Reschedule.Send(queue.Index);
            Volatile.Write(ref s_questions, Questions + 1);
        }

        Preemption.RestoreInterrupts(flags);
        (passed, clear) = queue.Readers.Look(gracePeriod);
        return passed && clear;
    }

    // Interrupts are off.
    [NoAllocation]
    private static bool PassHere(RunQueue queue)
    {
        TaskStruct task = TaskStruct.Current;
        return queue.Readers.Pass(task.Thread.IsInReadSection ? task : null);
    }

    // With the run queue's lock: a task that it switches to afterwards sees all that this CPU has seen. An interrupt that arrives afterwards sees it because of the fence in
    // its entry, which comes before its depth is looked at here or makes it seen; deferred work has a fence of its own. The idle loop itself reads nothing under RCU.
    private static bool IsIdle(RunQueue queue)
    {
        queue.Lock.AcquireWithInterruptsOff();
        bool idle = ReferenceEquals(queue.Running, queue.Idle) && !Cpu.IsInInterrupt(queue.Index) && !queue.Deferred.IsServing;
        queue.Lock.ReleaseWithInterruptsOff();
        return idle;
    }

    private enum Wish
    {
        None,
        Wanted,
        Hurried,
    }
}
