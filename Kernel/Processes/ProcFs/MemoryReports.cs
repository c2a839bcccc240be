using System;
using System.Globalization;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The texts of /proc about memory (proc(5)). Task context.</summary>
internal static class MemoryReports
{
    private const ulong KibibytesPerPage = Frame.Size / 1024;
    private const ulong KibibytesOfAddresses = 1ul << 29;

    // Of FrameZone, by Linux's names.
    [Immutable]
    private static readonly string[] s_zones = ["DMA", "DMA32", "Normal"];

    /// <summary>Contents of tmpfs count as cached and shared, as in Linux; what the kernel's heap has is neither.</summary>
    public static void Information(TextBuilder to)
    {
        ulong total = FirmwareMemoryMap.UsableBytes / 1024;
        ulong free = FrameAllocator.FreeFrames * KibibytesPerPage;
        ulong shared = TmpfsFileSystem.AllPages * KibibytesPerPage;
        Kibibytes(to, "MemTotal", total);
        Kibibytes(to, "MemFree", free);
        ulong cached = (ulong)BlockCacheCounters.Cached.Value * KibibytesPerPage;
        ulong dirty = (ulong)Math.Max(BlockCacheCounters.Dirty.Value, 0) * KibibytesPerPage;
        ulong writing = (ulong)Math.Max(BlockCacheCounters.Writing.Value, 0) * KibibytesPerPage;
        ulong held = VirtualAreas.HeldFrames * KibibytesPerPage;
        Kibibytes(to, "MemAvailable", free + held + (cached > dirty + writing ? cached - dirty - writing : 0));
        Kibibytes(to, "Buffers", cached);
        Kibibytes(to, "Cached", shared);
        Kibibytes(to, "SwapCached", 0);
        Kibibytes(to, "Active", 0);
        Kibibytes(to, "Inactive", shared);
        Kibibytes(to, "Unevictable", 0);
        Kibibytes(to, "Mlocked", 0);
        Kibibytes(to, "SwapTotal", 0);
        Kibibytes(to, "SwapFree", 0);
        Kibibytes(to, "Dirty", dirty);
        Kibibytes(to, "Writeback", writing);
        Kibibytes(to, "Shmem", shared);
        ulong heap = HeapStatistics.Capture().CommittedBytes / 1024;
        ulong slabs = SlabBytes() / 1024;
        Kibibytes(to, "KReclaimable", held);
        Kibibytes(to, "Slab", heap + slabs);
        Kibibytes(to, "SReclaimable", 0);
        Kibibytes(to, "SUnreclaim", heap + slabs);
        Kibibytes(to, "PageTables", PageTableBytes() / 1024);
        Kibibytes(to, "NFS_Unstable", 0);
        Kibibytes(to, "Bounce", 0);
        Kibibytes(to, "WritebackTmp", 0);
        Kibibytes(to, "CommitLimit", CommittedMemory.LimitPages * KibibytesPerPage);
        Kibibytes(to, "Committed_AS", CommittedMemory.Pages * KibibytesPerPage);
        Kibibytes(to, "VmallocTotal", KibibytesOfAddresses);
        Kibibytes(to, "HugePages_Total", 0, isCount: true);
        Kibibytes(to, "HugePages_Free", 0, isCount: true);
        Kibibytes(to, "HugePages_Rsvd", 0, isCount: true);
        Kibibytes(to, "HugePages_Surp", 0, isCount: true);
        Kibibytes(to, "Hugepagesize", 2048);
        Kibibytes(to, "Hugetlb", 0);
    }

    /// <summary>/proc/vmstat. Faults are those of processes that run and of those that they waited for.</summary>
    [MightSleep]
    public static void Counters(TextBuilder to)
    {
        long minor = 0;
        long major = 0;
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            ProcessUsage usage = process.ReadUsage() + process.ReadChildrenUsage();
            minor += usage.MinorFaults;
            major += usage.MajorFaults;
        }

        ulong shared = TmpfsFileSystem.AllPages;
        Count(to, "nr_free_pages", FrameAllocator.FreeFrames);
        Count(to, "nr_inactive_file", 0);
        Count(to, "nr_file_pages", shared);
        Count(to, "nr_dirty", 0);
        Count(to, "nr_writeback", 0);
        Count(to, "nr_shmem", shared);
        Count(to, "nr_page_table_pages", PageTableBytes() / Frame.Size);
        Count(to, "pgpgin", 0);
        Count(to, "pgpgout", 0);
        Count(to, "pswpin", 0);
        Count(to, "pswpout", 0);
        Count(to, "pgfault", (ulong)(minor + major));
        Count(to, "pgmajfault", (ulong)major);
        Count(to, "nr_tlb_remote_flush", TlbShootdown.Requests);
        to.Add("oom_kill "u8).Add(OutOfMemory.Kills).Line();
    }

    /// <summary>/proc/zoneinfo.</summary>
    public static void Zones(TextBuilder to) => to
        .Add("Node 0, zone   Normal\n  pages free     "u8).Add((ulong)FrameAllocator.FreeFrames)
        .Add("\n        present  "u8).Add(FirmwareMemoryMap.UsableBytes / Frame.Size)
        .Add("\n        managed  "u8).Add((ulong)FrameAllocator.ManagedFrames).Line();

    /// <summary>/proc/buddyinfo: free blocks of each size, a zone a line.</summary>
    public static void FreeBlocks(TextBuilder to)
    {
        for (int zone = 0; zone < FrameAllocator.ZoneCount; zone++)
        {
            to.Add("Node 0, zone "u8).Fill(8 - s_zones[zone].Length, ' ').Add(s_zones[zone]).Add(' ');
            for (int order = 0; 1 << order <= FrameAllocator.LongestRun; order++)
            {
                to.AddRight((long)FrameAllocator.FreeBlocks((FrameZone)zone, order), 6).Add(' ');
            }

            to.Line();
        }
    }

    /// <summary>/proc/slabinfo: the caches of native objects; the managed heap is not among them.</summary>
    public static void Slabs(TextBuilder to)
    {
        to.Add("slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"u8);
        for (SlabReport cache = SlabReport.First; cache.Exists; cache = cache.Next)
        {
            ulong pages = cache.Bytes / Frame.Size;
            int start = to.Length;
            foreach (byte letter in cache.Name)
            {
                to.Add(letter == ' ' ? (byte)'-' : letter);
            }

            to.Fill(17 - (to.Length - start), ' ').Add(' ').AddRight((long)cache.ObjectsInUse, 6).Add(' ').AddRight((long)cache.Objects, 6).Add(' ').AddRight(cache.ObjectSize, 6);
            ulong slabs = cache.SlabCount;
            to.Add(' ').AddRight((long)(slabs == 0 ? 0 : cache.Objects / slabs), 4).Add(' ').AddRight((long)(slabs == 0 ? 1 : pages / slabs), 4);
            to.Add(" : tunables    0    0    0 : slabdata "u8).AddRight((long)slabs, 6).Add(' ').AddRight((long)slabs, 6).Add("      0\n"u8);
        }
    }

    /// <summary>/proc/iomem: physical memory as the firmware describes it.</summary>
    public static void PhysicalRanges(TextBuilder to)
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            MemoryRange range = FirmwareMemoryMap.Get(i);
            to.AddHex(range.Start, 8).Add('-').AddHex(range.End - 1, 8).Add(" : "u8).Add(range.Kind switch
            {
                MemoryKind.Usable => "System RAM",
                MemoryKind.AcpiReclaimable => "ACPI Tables",
                MemoryKind.AcpiNonVolatile => "ACPI Non-volatile Storage",
                MemoryKind.Bad => "Unusable memory",
                _ => "Reserved",
            }).Line();
        }
    }

    private static ulong SlabBytes()
    {
        ulong bytes = 0;
        for (SlabReport cache = SlabReport.First; cache.Exists; cache = cache.Next)
        {
            bytes += cache.Bytes;
        }

        return bytes;
    }

    [MightSleep]
    private static ulong PageTableBytes()
    {
        ulong bytes = 0;
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            bytes += process.Leader?.Memory?.Use.TableBytes ?? 0;
        }

        return bytes;
    }

    private static void Count(TextBuilder to, string name, ulong value) => to.Add(name).Add(' ').Add(value).Line();

    private static void Kibibytes(TextBuilder to, string name, ulong value, bool isCount = false)
    {
        to.Add(name).Add(':').AddRight((long)value, 23 - name.Length);
        to.Add(isCount ? "\n"u8 : " kB\n"u8);
    }
}
