using System;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Notification;

/// <summary>The limits of inotify(7) that <c>/proc/sys/fs/inotify</c> shows and sets. Any context.</summary>
public static class InotifyLimits
{
    // As Linux reckons: a hundredth of memory may go into watches, each with the inode that it keeps.
    private const ulong BytesOfWatch = 1280;
    private const ulong FewestWatches = 8192;
    private const ulong MostWatches = 1_048_576;

    [Atomic]
    private static int s_events = 16_384;

    [Atomic]
    private static int s_instances = 128;

    [Atomic]
    private static int s_watches = (int)Math.Clamp(FirmwareMemoryMap.UsableBytes / 100 / BytesOfWatch, FewestWatches, MostWatches);

    /// <summary>Events that wait in one instance before others are lost; of instances that are made after it was set.</summary>
    public static int QueuedEvents
    {
        get => Volatile.Read(ref s_events);
        set => Volatile.Write(ref s_events, value);
    }

    /// <summary>Instances of one user.</summary>
    public static int Instances
    {
        get => Volatile.Read(ref s_instances);
        set => Volatile.Write(ref s_instances, value);
    }

    /// <summary>Watches of one user.</summary>
    public static int Watches
    {
        get => Volatile.Read(ref s_watches);
        set => Volatile.Write(ref s_watches, value);
    }
}
