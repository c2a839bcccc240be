using System;
using System.Runtime;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Boot;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// <see cref="GC"/> and its kin as CoreLib calls them. There is one generation: every collection is of the whole heap, and objects never move.
/// What asks for other behaviour is refused in the way that the caller's interface has for it.
/// </summary>
internal static unsafe class CollectorExports
{
    private const ulong NanosecondsPerTick = 100;
    private const ulong NanosecondsPerMillisecond = 1_000_000;
    private const int HighLoadPercent = 90;

    // Generation 0 is the only one; CoreLib asks for the others by habit.
    private const int LargestGeneration = 0;

    // GCLatencyMode.Batch: the program waits while a collection runs.
    private const int BatchMode = 0;

    // GCLargeObjectHeapCompactionMode.Default: never compacted.
    private const int NotCompacted = 1;

    // Results of StartNoGCRegion, EndNoGCRegion, the full-collection notifications and EnableNoGCRegionCallback.
    private const int NotEnoughMemory = 1;
    private const int RegionNotInProgress = 1;
    private const int NotificationNotApplicable = 4;
    private const int CallbackNotStarted = 1;

    [RuntimeExport("RhpGetGcTotalMemory")]
    private static long GetTotalMemory() => CollectionPolicy.LiveBytes + HeapTotals.AllocatedSinceCollection;

    [RuntimeExport("RhGetCurrentObjSize")]
    private static long GetCurrentObjectSize() => GetTotalMemory();

    [RuntimeExport("RhGetMaxGcGeneration")]
    private static int GetMaxGeneration() => LargestGeneration;

    /// <summary>Every collection covers all generations, so each has seen all of them.</summary>
    [RuntimeExport("RhGetGcCollectionCount")]
    private static int GetCollectionCount(int generation, bool special) => special ? 0 : (int)PauseRecord.Count;

    [RuntimeExport("RhGetGeneration")]
    private static int GetGeneration(nuint reference) => LargestGeneration;

    [RuntimeExport("RhGetGenerationSize")]
    private static int GetGenerationSize(int generation) => generation == LargestGeneration ? (int)Math.Min(GetTotalMemory(), int.MaxValue) : 0;

    [RuntimeExport("RhGetGenerationBudget")]
    private static long GetGenerationBudget(int generation) => generation == LargestGeneration ? CollectionPolicy.Budget : 0;

    [RuntimeExport("RhGetLastGCPercentTimeInGC")]
    private static int GetLastPercentTime() => PauseRecord.LastPercentage;

    [RuntimeExport("RhGetGCNow")]
    private static long GetNow() => (long)(HeapPlatform.Nanoseconds / NanosecondsPerMillisecond);

    [RuntimeExport("RhGetLastGCStartTime")]
    private static long GetLastStartTime(int generation) => (long)(PauseRecord.LastStart / NanosecondsPerMillisecond);

    [RuntimeExport("RhGetLastGCDuration")]
    private static long GetLastDuration(int generation) => (long)(PauseRecord.Last / NanosecondsPerMillisecond);

    [RuntimeExport("RhGetTotalPauseDuration")]
    private static long GetTotalPauseDuration() => (long)(PauseRecord.Total / NanosecondsPerTick);

    [RuntimeExport("RhGetGcLatencyMode")]
    private static int GetLatencyMode() => BatchMode;

    /// <summary>The mode is a hint; this collector has one way to work, and says so when asked.</summary>
    [RuntimeExport("RhSetGcLatencyMode")]
    private static int SetLatencyMode(int mode) => 0;

    [RuntimeExport("RhIsPromoted")]
    private static bool IsPromoted(nuint reference) => reference == 0 || Marker.IsReached(reference);

    [RuntimeExport("RhIsServerGc")]
    private static bool IsServer() => false;

    [RuntimeExport("RhGetLohCompactionMode")]
    private static int GetCompactionMode() => NotCompacted;

    /// <summary>A request for compaction is a hint too: objects never move.</summary>
    [RuntimeExport("RhSetLohCompactionMode")]
    private static void SetCompactionMode(int mode)
    {
        // Nothing to remember: GetCompactionMode answers truly.
    }

    /// <summary>Objects made at build time. The verifier looks at them; they are never collected. Returns 0 when there is no memory.</summary>
    [RuntimeExport("RhRegisterFrozenSegment")]
    private static nint RegisterFrozenSegment(byte* start, nuint allocated, nuint committed, nuint reserved)
    {
        HeapBlock* segment = BlockTable.Take();
        if (segment != null)
        {
            segment->Start = start;
            segment->Bytes = allocated;
            segment->Kind = BlockKind.Frozen;
        }

        return (nint)segment;
    }

    [RuntimeExport("RhUpdateFrozenSegment")]
    private static void UpdateFrozenSegment(nint segment, byte* allocatedEnd, byte* committedEnd) =>
        ((HeapBlock*)segment)->Bytes = (nuint)(allocatedEnd - ((HeapBlock*)segment)->Start);

    [RuntimeExport("RhUnregisterFrozenSegment")]
    private static void UnregisterFrozenSegment(nint segment) => BlockTable.Return((HeapBlock*)segment);

    [RuntimeExport("RhRegisterForFullGCNotification")]
    private static bool RegisterForNotification(int maximumGeneration, int largeObjects) => false;

    [RuntimeExport("RhWaitForFullGCApproach")]
    private static int WaitForApproach(int timeout) => NotificationNotApplicable;

    [RuntimeExport("RhWaitForFullGCComplete")]
    private static int WaitForComplete(int timeout) => NotificationNotApplicable;

    [RuntimeExport("RhCancelFullGCNotification")]
    private static bool CancelNotification() => false;

    /// <summary>Memory is not set aside for one task, so a region without collections is refused: GC.TryStartNoGCRegion returns false.</summary>
    [RuntimeExport("RhpStartNoGCRegion")]
    private static int StartRegion(long totalSize, int hasLargeSize, long largeSize, int noFullCollection) => NotEnoughMemory;

    [RuntimeExport("RhpEndNoGCRegion")]
    private static int EndRegion() => RegionNotInProgress;

    [RuntimeExport("RhEnableNoGCRegionCallback")]
    private static int EnableRegionCallback(void* callback, long totalSize) => CallbackNotStarted;

    [RuntimeExport("RhGetGCSegmentSize")]
    private static ulong GetSegmentSize() => HeapFrames.TotalBytes;

    [RuntimeExport("RhGetAllocatedBytesForCurrentThread")]
    private static long GetAllocatedBytesForThread() => (long)HeapPlatform.AllocatedByThread;

    [RuntimeExport("RhGetTotalAllocatedBytes")]
    private static long GetTotalAllocatedBytes() => HeapTotals.Allocated;

    /// <summary>What was handed out less what still waits on the CPUs' free lists.</summary>
    [RuntimeExport("RhGetTotalAllocatedBytesPrecise")]
    private static long GetTotalAllocatedBytesPrecise()
    {
        ulong flags = Collector.StopWorld();
        long precise = HeapTotals.Allocated - (long)HeapPlatform.BytesOnAllocationLists();
        Collector.ResumeWorld(flags);
        return precise;
    }

    /// <summary>There are no configuration values.</summary>
    [RuntimeExport("RhEnumerateConfigurationValues")]
    private static void EnumerateConfiguration(void* context, void* callback)
    {
        // The callback is called once for each value.
    }

    /// <summary>The limit is always the machine's memory.</summary>
    [RuntimeExport("RhRefreshMemoryLimit")]
    private static int RefreshMemoryLimit(nuint hardLimit, nuint hardLimitPercent) => 0;

    [RuntimeExport("RhRegisterGcCallout")]
    private static bool RegisterCallout(int kind, nint callback) => false;

    [RuntimeExport("RhUnregisterGcCallout")]
    private static void UnregisterCallout(int kind, nint callback)
    {
        // None can have been registered.
    }

    [RuntimeExport("RhGetGCDescSize")]
    private static int GetDescriptorSize(ObjectType* type) => GcDescriptor.SizeInBytes(type);

    [RuntimeExport("RhCompareObjectContentsAndPadding")]
    private static bool CompareContents(nuint first, nuint second)
    {
        ObjectType* type = *(ObjectType**)first;
        nuint end = type->SizeOf(first) - HeapBlock.HeaderSize;
        for (nuint offset = 8; offset < end; offset += 8)
        {
            if (*(ulong*)(first + offset) != *(ulong*)(second + offset))
            {
                return false;
            }
        }

        return true;
    }

    [RuntimeExport("RhGetMemoryInfo")]
    private static void GetMemoryInfo(MemoryInfo* info, int kind)
    {
        *info = default;
        long total = (long)FirmwareMemoryMap.UsableBytes;
        long committed = HeapTotals.Committed;
        long inUse = GetTotalMemory();
        info->HighMemoryLoadThreshold = total / 100 * HighLoadPercent;
        info->TotalAvailable = total;
        info->MemoryLoad = total - (long)HeapFrames.FreeBytes;
        info->HeapSize = inUse;
        info->Fragmented = Math.Max(committed - inUse, 0);
        info->TotalCommitted = committed;
        info->Promoted = CollectionPolicy.LiveBytes;
        info->FinalizationPending = (long)FinalizationTable.Ready;
        info->Index = (long)PauseRecord.Count;
        info->Generation = LargestGeneration;
        info->PausePercentage = PauseRecord.LastPercentage * 100;
        info->GenerationSizeAfter = CollectionPolicy.LiveBytes;
        info->GenerationFragmentationAfter = info->Fragmented;
        info->PauseTicks = (long)(PauseRecord.Last / NanosecondsPerTick);
    }

    /// <summary>The fields of CoreLib's GCMemoryInfoData that have a meaning here, sizes in bytes; the others are 0.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 272)]
    private struct MemoryInfo
    {
        [FieldOffset(0)] public long HighMemoryLoadThreshold;
        [FieldOffset(8)] public long TotalAvailable;
        [FieldOffset(16)] public long MemoryLoad;
        [FieldOffset(24)] public long HeapSize;
        [FieldOffset(32)] public long Fragmented;
        [FieldOffset(40)] public long TotalCommitted;
        [FieldOffset(48)] public long Promoted;
        [FieldOffset(64)] public long FinalizationPending;
        [FieldOffset(72)] public long Index;
        [FieldOffset(80)] public int Generation;
        [FieldOffset(84)] public int PausePercentage;
        [FieldOffset(112)] public long GenerationSizeAfter;
        [FieldOffset(120)] public long GenerationFragmentationAfter;
        [FieldOffset(256)] public long PauseTicks;
    }
}
