using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Block;

/// <summary>
/// Brings dirty pages to their devices: when they are old (vm.dirty_expire_centisecs), when there are many (vm.dirty_background_ratio or _bytes), and holds up who makes more when there are too many (vm.dirty_ratio or
/// _bytes). One kernel task.
/// </summary>
public static class Writeback
{
    private const ulong Centisecond = 10_000_000;

    // Pages of a device that are started before the next device's turn.
    private const long Turn = 4096;

    private static readonly WaitQueue s_work = new("writeback");

    [Atomic]
    private static int s_isWanted;

    [Atomic]
    private static long s_ratio = 20;

    [Atomic]
    private static long s_backgroundRatio = 10;

    [Atomic]
    private static long s_bytes;

    [Atomic]
    private static long s_backgroundBytes;

    [Atomic]
    private static long s_expire = 3000;

    [Atomic]
    private static long s_interval = 500;

    /// <summary>vm.dirty_ratio: percent of memory that may be dirty before writers wait. 0 when bytes are set.</summary>
    public static long Ratio
    {
        get => Volatile.Read(ref s_ratio);
        set
        {
            Volatile.Write(ref s_ratio, value);
            Volatile.Write(ref s_bytes, 0);
        }
    }

    /// <summary>vm.dirty_background_ratio: percent that may be dirty before writing back begins.</summary>
    public static long BackgroundRatio
    {
        get => Volatile.Read(ref s_backgroundRatio);
        set
        {
            Volatile.Write(ref s_backgroundRatio, value);
            Volatile.Write(ref s_backgroundBytes, 0);
        }
    }

    /// <summary>vm.dirty_bytes: instead of the ratio, when not 0.</summary>
    public static long Bytes
    {
        get => Volatile.Read(ref s_bytes);
        set
        {
            Volatile.Write(ref s_bytes, value);
            Volatile.Write(ref s_ratio, 0);
        }
    }

    /// <summary>vm.dirty_background_bytes.</summary>
    public static long BackgroundBytes
    {
        get => Volatile.Read(ref s_backgroundBytes);
        set
        {
            Volatile.Write(ref s_backgroundBytes, value);
            Volatile.Write(ref s_backgroundRatio, 0);
        }
    }

    /// <summary>vm.dirty_expire_centisecs: how old dirty pages become.</summary>
    public static long ExpireCentiseconds
    {
        get => Volatile.Read(ref s_expire);
        set => Volatile.Write(ref s_expire, value);
    }

    /// <summary>vm.dirty_writeback_centisecs: how often the task looks; 0: it does not by itself.</summary>
    public static long IntervalCentiseconds
    {
        get => Volatile.Read(ref s_interval);
        set
        {
            Volatile.Write(ref s_interval, value);
            Wake();
        }
    }

    /// <summary>Who waits.</summary>
    internal static ThrottledWriters Throttled { get; } = new();

    private static long Available => (long)FrameAllocator.FreeFrames + BlockCacheCounters.Cached.Value;

    private static long Limit => LimitOf(Bytes, Ratio);

    private static long BackgroundLimit => Math.Min(LimitOf(BackgroundBytes, BackgroundRatio), Limit / 2);

    internal static bool IsOverLimit => BlockCacheCounters.Dirty.Value + BlockCacheCounters.Writing.Value > Limit;

    /// <summary>Starts the task. Once, at boot.</summary>
    [MightSleep]
    internal static void Start() => KernelTask.Start("writeback", Run);

    /// <summary>The caller has made a page dirty: starts writing back, and waits while there is too much to write. Task context, no lock held.</summary>
    [MightSleep]
    internal static void Balance()
    {
        long dirty = BlockCacheCounters.Dirty.Value;
        if (dirty < BackgroundLimit)
        {
            return;
        }

        Wake();
        if (!IsOverLimit)
        {
            return;
        }

        Throttled.Wait();
    }

    private static long LimitOf(long bytes, long ratio) => Math.Max(bytes > 0 ? bytes / Frame.Size : Available * ratio / 100, 16);

    private static void Wake()
    {
        if (Volatile.Read(ref s_isWanted) == 0 && Interlocked.Exchange(ref s_isWanted, 1) == 0)
        {
            s_work.WakeAll();
        }
    }

    [MightSleep]
    private static void Run()
    {
        while (true)
        {
            AwaitWork();
            while (BlockCacheCounters.Dirty.Value > 0 && WriteOnce())
            {
            }
        }
    }

    // One turn over all devices. False: nothing had to be written.
    [MightSleep]
    private static bool WriteOnce()
    {
        long started = 0;
        foreach (BlockDevice device in BlockDevices.All)
        {
            BlockCache cache = device.Cache;
            if (cache.DirtyPages == 0 || device.IsGone)
            {
                continue;
            }

            bool isOld = Clock.MonotonicNanoseconds - cache.DirtySince >= (ulong)ExpireCentiseconds * Centisecond;
            if (isOld || BlockCacheCounters.Dirty.Value > BackgroundLimit)
            {
                started += cache.StartWriting(0, ulong.MaxValue, waits: false, isOld ? long.MaxValue : Turn);
            }
        }

        return started > 0;
    }

    [MightSleep]
    private static void AwaitWork()
    {
        long interval = IntervalCentiseconds;
        ulong deadline = interval == 0 ? Tasks.Scheduling.Scheduler.Never : Clock.MonotonicNanoseconds + ((ulong)interval * Centisecond);
        using WaitQueue.Wait wait = s_work.Begin(deadline, WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Interlocked.Exchange(ref s_isWanted, 0) != 0 || wait.Sleep() != WaitResult.Woken)
            {
                return;
            }
        }
    }
}
