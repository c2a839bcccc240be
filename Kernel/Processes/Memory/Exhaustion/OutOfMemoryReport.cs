using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Processes.Memory;

/// <summary>Says in the log who asked for memory, what all of it is used for, what each process has, and who is killed. A line that there is no memory for is left out.</summary>
internal static class OutOfMemoryReport
{
    private const ulong KibibytesPerPage = AddressSpace.PageBytes / 1024;

    /// <summary>Writes it. Task context.</summary>
    /// <param name="asker">The running thread, which wanted a page.</param>
    /// <param name="victim">Who is killed.</param>
    /// <param name="memory">The victim's memory.</param>
    /// <param name="listsTasks">With the table of all processes.</param>
    [MightSleep]
    public static void Write(UserThread asker, Process victim, AddressSpace memory, bool listsTasks)
    {
        try
        {
            WriteUse(asker);
            if (listsTasks)
            {
                WriteTasks();
            }

            MemoryUse use = memory.Use;
            KernelLog.Error(
                $"Out of memory: Killed process {victim.Id} ({NameOf(victim)}) total-vm:{use.Total * KibibytesPerPage}kB, anon-rss:{use.ResidentAnonymous * KibibytesPerPage}kB, file-rss:{use.ResidentFile * KibibytesPerPage}kB, shmem-rss:{use.ResidentShared * KibibytesPerPage}kB, UID:{victim.UserId} pgtables:{use.TableBytes / 1024}kB oom_score_adj:{victim.OutOfMemoryAdjust}");
        }
        catch (OutOfMemoryException)
        {
            // Not even for the line; the victim's end shows in its exit status.
        }
    }

    /// <summary>Says that nobody can be killed. Task context.</summary>
    [MightSleep]
    public static void WriteNobody(UserThread asker)
    {
        try
        {
            WriteUse(asker);
            KernelLog.Error($"Out of memory and no killable processes: {asker.Task.Name} ({asker.Process.Id}) gets the kernel's reserve of {FrameAllocator.Reserve * KibibytesPerPage} kB");
        }
        catch (OutOfMemoryException)
        {
            // As above.
        }
    }

    private static void WriteUse(UserThread asker)
    {
        Span<ulong> frames = stackalloc ulong[FrameUses.Count];
        FrameUses.Read(frames);
        KernelLog.Error($"{asker.Task.Name} ({asker.Process.Id}) invoked oom-killer: oom_score_adj={asker.Process.OutOfMemoryAdjust}");
        KernelLog.Error(
            $"Memory: {FrameAllocator.ManagedFrames * KibibytesPerPage} kB, free {FrameAllocator.FreeFrames * KibibytesPerPage}, kept for the kernel {FrameAllocator.Reserve * KibibytesPerPage}, pages of processes and files {Kibibytes(frames, FrameUse.User)}, page tables {Kibibytes(frames, FrameUse.UserPageTable)}, managed heap {Kibibytes(frames, FrameUse.ManagedHeap)}, kernel stacks and areas {Kibibytes(frames, FrameUse.VirtualArea)}, slabs {Kibibytes(frames, FrameUse.Slab)}");
    }

    private static void WriteTasks()
    {
        KernelLog.Error("[  pid  ]   uid total_vm/kB   rss/kB tables/kB score_adj name");
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            if (OutOfMemory.MemoryOf(process) is { } memory)
            {
                MemoryUse use = memory.Use;
                KernelLog.Error(
                    $"[{process.Id,7}] {process.UserId,5} {use.Total * KibibytesPerPage,11} {use.Resident * KibibytesPerPage,8} {use.TableBytes / 1024,9} {process.OutOfMemoryAdjust,9} {NameOf(process)}");
            }
        }
    }

    private static ulong Kibibytes(ReadOnlySpan<ulong> frames, FrameUse use) => frames[(int)use] * KibibytesPerPage;

    private static string NameOf(Process process) => process.Leader?.Task.Name ?? "?";
}
