using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// What happens when a page was promised and there is no frame for it: caches are given up, and what modules can spare; if that is not enough, the process dies that most memory comes back from
/// (<see cref="Badness"/>), and all that share its memory; who asked tries again. The victim's private pages are taken at once, so it need not run to be of use, and it ends with what the frame
/// allocator keeps back from processes (<see cref="FrameAllocator.Reserve"/>). The first process is never killed, nor whoever has an oom_score_adj of -1000.
/// </summary>
public static class OutOfMemory
{
    /// <summary>The lowest oom_score_adj: never killed.</summary>
    public const int LeastAdjust = -1000;

    /// <summary>The highest oom_score_adj: killed before all others.</summary>
    public const int MostAdjust = 1000;

    // How long a victim has to give its memory back before the next one is chosen, and between two looks; nanoseconds.
    private const ulong Patience = 1_000_000_000;
    private const ulong Pause = 5_000_000;

    private static readonly Mutex s_lock = new("out of memory");

    [GuardedBy(nameof(s_lock))]
    private static AddressSpace? s_victim;

    [GuardedBy(nameof(s_lock))]
    private static ulong s_victimDeadline;

    [Atomic]
    private static int s_panics;

    [Atomic]
    private static bool s_killsAsker;

    [Atomic]
    private static bool s_listsTasks = true;

    [Atomic]
    private static long s_kills;

    /// <summary>vm.panic_on_oom: 0, 1 or 2. Not 0: running out of memory is a panic.</summary>
    public static int Panics
    {
        get => Volatile.Read(ref s_panics);
        set => Volatile.Write(ref s_panics, value);
    }

    /// <summary>vm.oom_kill_allocating_task: who asks for memory is killed, without a comparison.</summary>
    public static bool KillsAsker
    {
        get => Volatile.Read(ref s_killsAsker);
        set => Volatile.Write(ref s_killsAsker, value);
    }

    /// <summary>vm.oom_dump_tasks: the report has a table of all processes.</summary>
    public static bool ListsTasks
    {
        get => Volatile.Read(ref s_listsTasks);
        set => Volatile.Write(ref s_listsTasks, value);
    }

    /// <summary>Processes that were killed since boot (/proc/vmstat, oom_kill).</summary>
    public static long Kills => Volatile.Read(ref s_kills);

    /// <summary>
    /// How much of the memory killing a process gives back, in pages: what is resident and its page tables, moved by its oom_score_adj, of which 1000 are all of memory. Any context but NMI.
    /// </summary>
    /// <returns>Null: it is never killed (the first process, a zombie, oom_score_adj of -1000).</returns>
    public static long? Badness(Process process)
    {
        int adjust = process.OutOfMemoryAdjust;
        if (process.IsInit || process.IsZombie || adjust == LeastAdjust || MemoryOf(process) is not { } memory)
        {
            return null;
        }

        return (long)Pages(memory.Use) + (adjust * (long)(FrameAllocator.ManagedFrames / MostAdjust));
    }

    // Modules give back what they can spare.
    [MightSleep]
    private static bool TryModules()
    {
        try
        {
            return ModuleReclaim.TryReclaim(
                KernelNotifiers.MemoryShortages.Call,
                static () => MemoryReclaim.IsEnough || TaskSleep.MustEnd(WaitMode.Killable),
                (long)FrameAllocator.ManagedFrames);
        }
        catch (OutOfMemoryException)
        {
            // Not even the object was to be had: somebody has to be killed.
            return false;
        }
    }

    /// <summary>The running thread touched a page that there is no memory for. Gets some. Task context, no spin lock held; sleeping locks may be, but not an address space's.</summary>
    /// <returns>True: try again. False: the thread must end, since its process was killed.</returns>
    [MightSleep]
    public static bool TryFree(UserThread thread)
    {
        if (MustEnd(thread))
        {
            return false;
        }

        using (Mutex.Guard guard = s_lock.TryEnter(Scheduler.Never, WaitMode.Killable))
        {
            if (!guard.Taken)
            {
                return false;
            }

            if (!FrameAllocator.IsLow || MemoryReclaim.TryReclaim())
            {
                return true;
            }

            if (TryModules())
            {
                return true;
            }

            if (s_victim is null || s_victim.Users == 0 || Clock.MonotonicNanoseconds > s_victimDeadline)
            {
                Choose(thread);
                return !MustEnd(thread);
            }
        }

        // Somebody is about to end.
        TaskSleep.Prepare(WaitMode.Killable, "out of memory");
        TaskSleep.Sleep(Clock.MonotonicNanoseconds + Pause);
        return !MustEnd(thread);
    }

    /// <summary>The memory of a process, by any thread that has not given it up; null for none. Any context but NMI.</summary>
    internal static AddressSpace? MemoryOf(Process process)
    {
        for (UserThread? thread = process.Thread(null); thread is not null; thread = process.Thread(thread))
        {
            if (thread.Memory is { } memory)
            {
                return memory;
            }
        }

        return null;
    }

    /// <summary>What an address space holds, in pages.</summary>
    internal static ulong Pages(in MemoryUse use) => use.Resident + (use.TableBytes / AddressSpace.PageBytes);

    private static bool MustEnd(UserThread thread) => TaskSleep.MustEnd(WaitMode.Killable) || thread.Memory is { IsReaped: true };

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void Choose(UserThread asker)
    {
        if (Panics != 0)
        {
            Panic.Now("Out of memory, and panic_on_oom is set"u8);
        }

        Process? victim = KillsAsker && Badness(asker.Process) is not null ? asker.Process : FindWorst();
        if (victim is null || MemoryOf(victim) is not { } memory)
        {
            UseReserve(asker);
            return;
        }

        OutOfMemoryReport.Write(asker, victim, memory, ListsTasks);
        s_victim = memory;
        s_victimDeadline = Clock.MonotonicNanoseconds + Patience;
        if (KillAll(memory))
        {
            _ = memory.TryReap();
        }
    }

    // The first process asks, or one that must not be killed, and there is nobody else.
    private static void UseReserve(UserThread asker)
    {
        if (asker.Memory is { MayUseReserve: false } memory)
        {
            OutOfMemoryReport.WriteNobody(asker);
            memory.MayUseReserve = true;
        }
        else if (FrameAllocator.FreeFrames == 0)
        {
            Panic.Now("Out of memory, and there is no process that may be killed"u8);
        }
    }

    private static Process? FindWorst()
    {
        Process? worst = null;
        long most = long.MinValue;
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            if (Badness(process) is { } badness && badness > most && MemoryOf(process) is { IsReaped: false })
            {
                worst = process;
                most = badness;
            }
        }

        return worst;
    }

    // True: nobody is left who could go on in this memory.
    [MightSleep]
    private static bool KillAll(AddressSpace memory)
    {
        bool all = true;
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            if (!ReferenceEquals(MemoryOf(process), memory))
            {
                continue;
            }

            if (process.IsInit)
            {
                all = false;
                continue;
            }

            Interlocked.Increment(ref s_kills);
            _ = Signals.Send(process, SignalInfo.Kernel(Signal.SIGKILL));
        }

        return all;
    }
}
