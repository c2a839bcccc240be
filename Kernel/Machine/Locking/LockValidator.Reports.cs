using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

// What reports say. Each names both sides and where they are in the source; s_lock is held while one is written.
public static unsafe partial class LockValidator
{
    private static ReadOnlySpan<byte> InterruptHeadline => "possible deadlock: an interrupt waits for a lock, and what leads to it is held with interrupts on"u8;

    private static void ReportPair(LockRule rule, in HeldLock held, in HeldLock wanted, ReadOnlySpan<byte> headline)
    {
        if (!TryLock())
        {
            return;
        }

        s_graph.SetKnown((int)wanted.Class, (int)wanted.Class);
        BeginPair(rule, in held, in wanted, headline);
        EndReport();
        Unlock();
    }

    private static void ReportNoClass(in HeldLock wanted)
    {
        // Once is enough: the rest is counted by looking for it.
        if (s_graph.IsKnown(0, 0) || !TryLock())
        {
            return;
        }

        s_graph.SetKnown(0, 0);
        LockReport.Begin(LockRule.Class, LockClass.None, LockClass.None, "a lock is taken that was made without a class"u8);
        LockReport.WriteTrace(in wanted.Trace);
        EndReport();
        Unlock();
    }

    private static void ReportTooDeep(in HeldLock wanted)
    {
        if (!TryLock())
        {
            return;
        }

        LockReport.Begin(LockRule.Depth, wanted.Class, wanted.Class, "locks are nested too deep to be followed"u8);
        LockReport.WriteLock("takes"u8, wanted.Class, wanted.Number, in wanted.Trace);
        WriteHeld();
        EndReport();
        Unlock();
    }

    private static void ReportRelease(LockClass lockClass, ulong framePointer)
    {
        if (!TryLock())
        {
            return;
        }

        CallTrace trace = CallTrace.Capture(framePointer);
        LockReport.Begin(LockRule.Release, lockClass, lockClass, "a lock is released by who does not hold it"u8);
        LockReport.WriteLock("releases"u8, lockClass, 0, in trace);
        WriteHeld();
        EndReport();
        Unlock();
    }

    // A rule about all that is held: sleeping, ending.
    private static void ReportHeld(LockRule rule, LockClass wanted, ReadOnlySpan<byte> headline, ulong framePointer)
    {
        if (!TryLock())
        {
            return;
        }

        CallTrace trace = CallTrace.Capture(framePointer);
        ref HeldLocks here = ref Here();
        HeldLocks* task = OfTask();
        LockClass held = here.Depth != 0 ? here[here.Depth - 1].Class : task != null && task->Depth != 0 ? (*task)[task->Depth - 1].Class : wanted;
        LockReport.Begin(rule, held, wanted == LockClass.None ? held : wanted, headline);
        LockReport.WriteTrace(in trace);
        WriteHeld();
        EndReport();
        Unlock();
    }

    private static void ReportTableFull(ReadOnlySpan<byte> headline)
    {
        ulong saved = InterruptFlag.Disable();
        if (TryLock())
        {
            ReportTableFullLocked(headline);
            Unlock();
        }

        InterruptFlag.Restore(saved);
    }

    private static void ReportTableFullLocked(ReadOnlySpan<byte> headline)
    {
        if (Interlocked.Exchange(ref s_fullTables, 1) == 0)
        {
            LockReport.Begin(LockRule.Tables, LockClass.None, LockClass.None, headline);
            EndReport();
        }
    }

    private static void BeginPair(LockRule rule, in HeldLock held, in HeldLock wanted, ReadOnlySpan<byte> headline)
    {
        LockReport.Begin(rule, wanted.Class, held.Class, headline);
        LockReport.WriteLock("takes"u8, wanted.Class, wanted.Number, in wanted.Trace);
        LockReport.WriteLock("while it holds"u8, held.Class, held.Number, in held.Trace);
    }

    private static void EndReport() => LockReport.Write("lock validator: end\n"u8);

    // The way that the graph's last search found, pair by pair.
    private static void WritePath()
    {
        for (int i = 0; i + 1 < s_graph.PathLength; i++)
        {
            LockEdge edge = s_graph.FindEdge(s_graph.Path(i), s_graph.Path(i + 1));
            LockReport.WriteLock("holding"u8, (LockClass)edge.From, 0, in edge.Held);
            LockReport.WriteLock("takes"u8, (LockClass)edge.To, 0, in edge.Taken);
        }
    }

    private static void WriteContexts(int first, int last)
    {
        CallTrace waiting = s_graph.UsageTrace(first, LockUsage.InInterrupt);
        CallTrace held = s_graph.UsageTrace(last, LockUsage.InterruptsOn);
        LockReport.WriteLock("an interrupt waits for"u8, (LockClass)first, 0, in waiting);
        LockReport.WriteLock("with interrupts on is held"u8, (LockClass)last, 0, in held);
        LockReport.Write("  An interrupt that comes while the second is held may wait for ever. Hold the second with interrupts off.\n"u8);
    }

    private static void WriteHeld()
    {
        ref HeldLocks here = ref Here();
        for (int i = here.Depth - 1; i >= 0; i--)
        {
            LockReport.WriteLock("this CPU holds"u8, here[i].Class, here[i].Number, in here[i].Trace);
        }

        HeldLocks* task = OfTask();
        for (int i = task == null ? -1 : task->Depth - 1; i >= 0; i--)
        {
            LockReport.WriteLock("the task holds"u8, (*task)[i].Class, (*task)[i].Number, in (*task)[i].Trace);
        }
    }
}
