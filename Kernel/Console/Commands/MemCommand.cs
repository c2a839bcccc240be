using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows where memory is.</summary>
internal sealed class MemCommand : ConsoleCommand
{
    private const int Orders = 11;

    /// <inheritdoc/>
    public override string Name => "mem";

    /// <inheritdoc/>
    public override string Usage => "[-v]";

    /// <inheritdoc/>
    public override string Summary => "show memory: frames, slabs, virtual areas, managed heap";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "-v  every slab cache and the free blocks of the buddy allocator",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? ["-v"] : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        bool detailed = context.Arguments.Count == 1;
        if (detailed && context.Arguments[0] != "-v")
        {
            throw new CommandUsageException($"unknown option '{context.Arguments[0]}'");
        }

        const ulong FrameSize = Frame.Size;
        ulong usable = FirmwareMemoryMap.UsableBytes;
        ulong free = FrameAllocator.FreeFrames * FrameSize;
        context.WriteHeading("Physical memory");
        context.WriteValues(
            ("usable", Units.Bytes(usable)),
            ("free", $"{Units.Bytes(free)} ({Units.Percent(free, usable)} %), of which {Units.Bytes(FrameAllocator.CachedFrames * FrameSize)} in stock at the CPUs"),
            ("not free", $"{Units.Bytes(usable - free)}, the kernel's image and frame descriptors included"),
            ("allocator", $"{FrameAllocator.ManagedFrames} frames of 4 KiB, {FrameAllocator.Failures} failed allocations"));
        if (detailed)
        {
            WriteBlocks(context);
        }

        ulong slabBytes = 0;
        ulong slabUsed = 0;
        int caches = 0;
        for (SlabReport cache = SlabReport.First; cache.Exists; cache = cache.Next)
        {
            caches++;
            slabBytes += cache.Bytes;
            slabUsed += cache.ObjectsInUse * (uint)cache.ObjectSize;
        }

        context.WriteHeading("Slabs");
        context.WriteValues(("caches", caches.ToString()), ("memory", $"{Units.Bytes(slabBytes)}, {Units.Bytes(slabUsed)} in use"));
        if (detailed)
        {
            WriteSlabs(context);
        }

        context.WriteHeading("Virtual areas");
        context.WriteValues(
            ("areas", VirtualAreas.UsedAreas.ToString()),
            ("addresses", Units.Bytes(VirtualAreas.UsedPages * FrameSize) + ", guard pages included"),
            ("released", Units.Bytes(VirtualAreas.HeldFrames * FrameSize) + " held until all CPUs have forgotten them"),
            ("stacks", Units.Count(KernelStacks.KeptNow, "free stack") + " kept"));

        HeapStatistics heap = HeapStatistics.Capture();
        context.WriteHeading("Managed heap");
        context.WriteValues(
            ("committed", Units.Bytes(heap.CommittedBytes)),
            ("live", $"{Units.Bytes(heap.LiveBytes)} in {Units.Count((long)heap.LiveObjects, "object")} at the last collection, {Units.Bytes(heap.AllocatedSinceCollection)} allocated since"),
            ("tables", Units.Bytes(heap.MetadataBytes)));
    }

    private static void WriteBlocks(CommandContext context)
    {
        Table table = new Table().Column("  ZONE");
        for (int order = 0; order < Orders; order++)
        {
            table.Column(Units.Bytes((ulong)Frame.Size << order).Replace(".0", "").Replace(" ", "").Replace("iB", ""), Alignment.Right);
        }

        for (int zone = 0; zone < FrameAllocator.ZoneCount; zone++)
        {
            string[] cells = new string[Orders + 1];
            cells[0] = "  " + (FrameZone)zone;
            for (int order = 0; order < Orders; order++)
            {
                cells[order + 1] = FrameAllocator.FreeBlocks((FrameZone)zone, order).ToString();
            }

            table.Row(cells);
        }

        context.WriteTable(table);
    }

    private static void WriteSlabs(CommandContext context)
    {
        Table table = new Table().Column("  CACHE").Column("OBJECT", Alignment.Right).Column("IN USE", Alignment.Right).Column("ROOM", Alignment.Right).Column("MEMORY", Alignment.Right);
        for (SlabReport cache = SlabReport.First; cache.Exists; cache = cache.Next)
        {
            table.Row("  " + Encoding.UTF8.GetString(cache.Name), $"{cache.ObjectSize} B", cache.ObjectsInUse.ToString(), cache.Objects.ToString(), Units.Bytes(cache.Bytes));
        }

        context.WriteTable(table);
    }
}
