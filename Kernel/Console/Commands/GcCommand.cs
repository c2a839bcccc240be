using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the collector's statistics and starts collections.</summary>
internal sealed class GcCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "gc";

    /// <inheritdoc/>
    public override string Usage => "[collect|verify]";

    /// <inheritdoc/>
    public override string Summary => "show statistics of the collector, or collect now";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "collect  collects, and says what it freed and how long the pause was",
        "verify   collects and checks every reference in the heap",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? ["collect", "verify"] : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        switch (context.Arguments.Count == 0 ? "" : context.Arguments[0])
        {
            case "":
                Show(context);
                break;
            case "collect":
                Collect(context);
                break;
            case "verify":
                ulong errors = ManagedHeap.Verify();
                context.WriteLine(errors == 0 ? "every reference is sound" : Ansi.Style(Ansi.Red, $"{errors} bad references"));
                break;
            default:
                throw new CommandUsageException($"unknown argument '{context.Arguments[0]}'");
        }
    }

    private static void Collect(CommandContext context)
    {
        HeapStatistics before = HeapStatistics.Capture();
        ManagedHeap.Collect();
        HeapStatistics after = HeapStatistics.Capture();
        ulong used = before.LiveBytes + before.AllocatedSinceCollection;
        ulong freed = used > after.LiveBytes ? used - after.LiveBytes : 0;
        context.WriteLine($"freed {Units.Bytes(freed)}, {Units.Bytes(after.LiveBytes)} live in {Units.Count((long)after.LiveObjects, "object")}; pause {Units.Duration(after.LastPause)}");
    }

    private static void Show(CommandContext context)
    {
        HeapStatistics heap = HeapStatistics.Capture();
        context.WriteHeading("Heap");
        context.WriteValues(
            ("committed", Units.Bytes(heap.CommittedBytes)),
            ("live", $"{Units.Bytes(heap.LiveBytes)} in {Units.Count((long)heap.LiveObjects, "object")} at the last collection"),
            ("allocated", $"{Units.Bytes(heap.AllocatedBytes)} since boot, {Units.Bytes(heap.AllocatedSinceCollection)} since the last collection; the next one comes after {Units.Bytes(heap.Budget)}"),
            ("fragmented", $"{Units.Bytes(heap.FragmentedBytes)} ({Units.Percent(heap.FragmentedBytes, heap.CommittedBytes)} % of what is committed)"),
            ("tables", Units.Bytes(heap.MetadataBytes)),
            ("handles", heap.Handles.ToString()),
            ("finalizers", $"{heap.FinalizableObjects} registered, {heap.FinalizersPending} waiting"));

        context.WriteHeading("Collections");
        ulong average = heap.Collections == 0 ? 0 : heap.TotalPause / heap.Collections;
        context.WriteValues(
            ("count", heap.Collections.ToString()),
            ("pauses", $"last {Units.Duration(heap.LastPause)}, average {Units.Duration(average)}, longest {Units.Duration(heap.LongestPause)}, in all {Units.Duration(heap.TotalPause)}"),
            ("overflows", $"{heap.MarkStackOverflows} of the mark stack"));
        if (heap.Collections > 0)
        {
            WriteHistogram(context);
        }
    }

    private static void WriteHistogram(CommandContext context)
    {
        int first = HeapStatistics.PauseBuckets;
        int last = -1;
        ulong most = 1;
        for (int i = 0; i < HeapStatistics.PauseBuckets; i++)
        {
            ulong count = HeapStatistics.PausesInBucket(i);
            if (count > 0)
            {
                first = Math.Min(first, i);
                last = i;
                most = Math.Max(most, count);
            }
        }

        const int Width = 40;
        for (int i = first; i <= last; i++)
        {
            ulong count = HeapStatistics.PausesInBucket(i);
            string limit = i == HeapStatistics.PauseBuckets - 1 ? "longer" : "< " + Units.Duration(1000ul << i);
            string bar = new('#', (int)(((count * Width) + most - 1) / most));
            context.WriteLine($"  {Ansi.Style(Ansi.Dim, limit.PadLeft(9))}  {count,6}  {Ansi.Style(Ansi.Cyan, bar)}");
        }
    }
}
