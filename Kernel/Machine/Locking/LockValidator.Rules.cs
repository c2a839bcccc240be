using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

// The rules. All of this runs with interrupts off; what changes the graph or writes a report also holds s_lock, a bare word and no lock of the kernel's.
public static unsafe partial class LockValidator
{
    private const ulong InterruptsOn = 1ul << 9;

    [Protocol("Written with s_lock held. IsKnown and Usage read single words without it: an outdated one only leads to a second look, with it.")]
    private static LockGraph s_graph;

    [PerCpu]
    private static CpuTable s_cpus;

    [TaskPrivate]
    private static HeldLocks s_bootThread;

    [Atomic]
    private static int s_lock;

    [Atomic]
    private static int s_fullTables;

    // Checks the lock that is wanted against all that is held, and puts it on the list.
    private static void Begin(nuint address, LockClass lockClass, int number, HeldFlags flags, ulong framePointer)
    {
        if (!TryEnter(out ulong saved))
        {
            return;
        }

        ref HeldLocks here = ref Here();
        HeldLocks* task = OfTask();
        var wanted = new HeldLock
        {
            Address = address,
            Class = lockClass,
            Number = (ushort)number,
            Flags = flags,
            InInterrupt = Cpu.Current->InterruptDepth != 0,
            Since = CpuInstructions.ReadTsc(),
            Trace = CallTrace.Capture(framePointer),
        };

        if (lockClass == LockClass.None)
        {
            ReportNoClass(in wanted);
        }
        else
        {
            bool joined = lockClass != LockClass.Unclassified && Check(ref here, task, in wanted, (saved & InterruptsOn) != 0);
            bool sleeping = (flags & HeldFlags.Sleeping) != 0;
            if (!joined && (!sleeping || task != null) && !(sleeping ? ref *task : ref here).Push(in wanted))
            {
                ReportTooDeep(in wanted);
            }

            if ((flags & HeldFlags.Waiting) == 0)
            {
                LockStatistics.CountAcquisition(lockClass);
            }
        }

        Leave(saved);
    }

    // Returns true when the lock has joined the entry of another one of its class.
    private static bool Check(ref HeldLocks here, HeldLocks* task, in HeldLock wanted, bool interruptsOn)
    {
        bool tried = (wanted.Flags & HeldFlags.Tried) != 0;
        bool waits = !tried;
        bool joined = false;
        for (int i = here.Depth - 1; i >= 0; i--)
        {
            joined |= CheckPair(ref here[i], in wanted, ref waits);
        }

        for (int i = !wanted.InInterrupt && task != null ? task->Depth - 1 : -1; i >= 0; i--)
        {
            joined |= CheckPair(ref (*task)[i], in wanted, ref waits);
        }

        CheckUsage(in wanted, tried, interruptsOn);
        return joined;
    }

    // One held lock against the wanted one. waits: between the held and the wanted one there is no lock that was waited for, so the pair says something new.
    private static bool CheckPair(ref HeldLock held, in HeldLock wanted, ref bool waits)
    {
        if (held.InInterrupt != wanted.InInterrupt)
        {
            return false;
        }

        bool tried = (wanted.Flags & HeldFlags.Tried) != 0;
        if (held.Address == wanted.Address && held.More == 0)
        {
            if (!tried)
            {
                ReportPair(LockRule.Recursion, in held, in wanted, "a lock is taken by who holds it already"u8);
            }
        }
        else if (held.Class == wanted.Class)
        {
            if (LockClasses.NestsAscending(wanted.Class) && wanted.Number > held.Number)
            {
                held.Address = wanted.Address;
                held.Number = wanted.Number;
                held.More++;
                held.Flags |= HeldFlags.Group;
                return true;
            }

            if (!tried && !s_graph.IsKnown((int)wanted.Class, (int)wanted.Class))
            {
                ReportPair(
                    LockRule.Nesting,
                    in held,
                    in wanted,
                    LockClasses.NestsAscending(wanted.Class) ? "two locks of one class are taken against their order"u8 : "two locks of one class are held together"u8);
            }
        }
        else if (waits && !s_graph.IsKnown((int)held.Class, (int)wanted.Class))
        {
            CheckNewPair(in held, in wanted);
        }

        waits &= (held.Flags & HeldFlags.Tried) != 0;
        return false;
    }

    private static void CheckNewPair(in HeldLock held, in HeldLock wanted)
    {
        if (held.Class is LockClass.None or LockClass.Unclassified || !TryLock())
        {
            return;
        }

        int from = (int)held.Class;
        int to = (int)wanted.Class;
        if (s_graph.IsKnown(from, to))
        {
            // Another CPU was quicker.
        }
        else if (to < from && from < (int)LockClass.DeclaredCount)
        {
            s_graph.SetKnown(from, to);
            BeginPair(LockRule.DeclaredOrder, in held, in wanted, "possible deadlock: locks are taken against the declared order (LockClass.cs)"u8);
            EndReport();
        }
        else if (s_graph.FindPath(to, from))
        {
            s_graph.SetKnown(from, to);
            BeginPair(LockRule.Order, in held, in wanted, "possible deadlock: locks are taken in a circle"u8);
            LockReport.Write("  but the first is also taken while the second is held:\n"u8);
            WritePath();
            LockReport.Write("  Whoever meets here waits for ever. Take them always in one order.\n"u8);
            EndReport();
        }
        else if (!s_graph.AddEdge(from, to, in held.Trace, in wanted.Trace))
        {
            ReportTableFullLocked("the table of lock orders is full: new orders are not checked"u8);
        }
        else
        {
            CheckContexts(in held, in wanted);
        }

        Unlock();
    }

    // The new pair may connect a lock that interrupts wait for with one that is held while interrupts are on.
    private static void CheckContexts(in HeldLock held, in HeldLock wanted)
    {
        int last = s_graph.FindAfter((int)wanted.Class, LockUsage.InterruptsOn);
        if (last < 0)
        {
            return;
        }

        int first = s_graph.FindBefore((int)held.Class, LockUsage.InInterrupt);
        if (first < 0)
        {
            return;
        }

        BeginPair(LockRule.Interrupt, in held, in wanted, InterruptHeadline);
        WriteContexts(first, last);
        EndReport();
    }

    private static void CheckUsage(in HeldLock wanted, bool tried, bool interruptsOn)
    {
        if (!tried && wanted.InInterrupt)
        {
            NoteUsage(in wanted, LockUsage.InInterrupt, LockUsage.InterruptsOn);
        }

        if (interruptsOn && !wanted.InInterrupt)
        {
            NoteUsage(in wanted, LockUsage.InterruptsOn, LockUsage.InInterrupt);
        }
    }

    private static void NoteUsage(in HeldLock seen, LockUsage usage, LockUsage opposite)
    {
        int lockClass = (int)seen.Class;
        if ((s_graph.Usage(lockClass) & usage) != 0 || seen.Class is LockClass.None or LockClass.Unclassified || !TryLock())
        {
            return;
        }

        if ((s_graph.Usage(lockClass) & usage) == 0)
        {
            s_graph.AddUsage(lockClass, usage, in seen.Trace);
            bool inside = usage == LockUsage.InInterrupt;
            int other = inside ? s_graph.FindAfter(lockClass, opposite) : s_graph.FindBefore(lockClass, opposite);
            if (other >= 0)
            {
                LockReport.Begin(LockRule.Interrupt, seen.Class, (LockClass)other, InterruptHeadline);
                WriteContexts(inside ? lockClass : other, inside ? other : lockClass);
                if (lockClass != other)
                {
                    LockReport.Write("  and from the first to the second it goes so:\n"u8);
                    WritePath();
                }

                EndReport();
            }
        }

        Unlock();
    }

    // Whatever is held here is, from now on, held with interrupts on.
    private static void MarkInterruptsOn()
    {
        ref HeldLocks here = ref Here();
        if (here.Depth == 0 || here.IsBusy || !TryEnter(out ulong saved))
        {
            return;
        }

        for (int i = 0; i < here.Depth && Cpu.Current->InterruptDepth == 0; i++)
        {
            NoteUsage(in here[i], LockUsage.InterruptsOn, LockUsage.InInterrupt);
        }

        Leave(saved);
    }

    private static void CheckSleep(LockClass wanted, ulong framePointer)
    {
        // Before the scheduler runs nothing sleeps, and locks that could are free.
        if (Threads.MachineEvents.Instance is null || !TryEnter(out ulong saved))
        {
            return;
        }

        ref HeldLocks here = ref Here();
        ReadOnlySpan<byte> headline = default;
        LockRule rule = LockRule.Sleep;
        if (Cpu.Current->InterruptDepth != 0)
        {
            headline = "something that may sleep is called in an interrupt"u8;
        }
        else if (here.Depth != 0)
        {
            headline = "something that may sleep is called with a spin lock held"u8;
        }
        else if (Threads.ReadSection.IsActive)
        {
            headline = "something that may sleep is called in a read section of RCU"u8;
            rule = LockRule.ReadSection;
        }
        else if (Cpu.Current->PreemptCount != 0 || (saved & InterruptsOn) == 0)
        {
            headline = "something that may sleep is called with preemption or interrupts off"u8;
        }

        if (!headline.IsEmpty)
        {
            ReportHeld(rule, wanted, headline, framePointer);
        }

        Leave(saved);
    }

    private static void ForgetClass(LockClass lockClass)
    {
        ulong saved = InterruptFlag.Disable();
        if (TryLock())
        {
            s_graph.Forget((int)lockClass);
            Unlock();
        }

        InterruptFlag.Restore(saved);
    }

    [AtomicContext]
    private static ref HeldLocks Here() => ref Unsafe.Add(ref Unsafe.As<CpuTable, HeldLocks>(ref s_cpus), Cpu.CurrentIndex);

    // An NMI that came while the validator ran finds it busy and does nothing; a panic needs no more advice.
    private static bool TryEnter(out ulong saved)
    {
        saved = InterruptFlag.Disable();
        ref HeldLocks here = ref Here();
        if (here.IsBusy || Panic.InProgress)
        {
            InterruptFlag.Restore(saved);
            return false;
        }

        here.IsBusy = true;
        return true;
    }

    private static void Leave(ulong saved)
    {
        Here().IsBusy = false;
        InterruptFlag.Restore(saved);
    }

    // A CPU that the collector stopped may hold it: then what is seen now is left for the next time.
    private static bool TryLock()
    {
        while (Interlocked.Exchange(ref s_lock, 1) != 0)
        {
            if (WorldStop.InProgress || Panic.InProgress)
            {
                return false;
            }

            CpuInstructions.Pause();
        }

        return true;
    }

    private static void Unlock() => Volatile.Write(ref s_lock, 0); // Publishes the graph to the next exchange.

    [InlineArray(Cpu.Maximum)]
    private struct CpuTable
    {
        private HeldLocks _first;
    }
}
