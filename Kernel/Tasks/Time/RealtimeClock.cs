using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Tasks.Time;

/// <summary>Setting of real time, for which what waits for a moment of it has to know (clock_settime(2), timerfd_create(2)).</summary>
public static class RealtimeClock
{
    private static IrqSpinLock s_lock = new(LockClass.RealtimeWatchers);

    [GuardedBy(nameof(s_lock))]
    private static RealtimeWatcher? s_first;

    /// <summary>Sets real time, and tells everybody who waits for a moment of it. Task context.</summary>
    /// <param name="nanoseconds">Since 1970-01-01 00:00:00 UTC.</param>
    [NoAllocation]
    public static void Set(long nanoseconds)
    {
        Clock.SetRealtime(nanoseconds);
        using (s_lock.Enter())
        {
            for (RealtimeWatcher? watcher = s_first; watcher is not null; watcher = watcher.Next)
            {
                watcher.OnClockSet();
            }
        }
    }

    /// <summary>The moment of monotonic time that a moment of real time is, as the clock stands; 0 for one before the kernel began.</summary>
    /// <param name="nanoseconds">Since 1970-01-01 00:00:00 UTC; not negative.</param>
    [NoAllocation]
    public static ulong ToMonotonic(long nanoseconds)
    {
        long boot = Clock.BootNanoseconds;
        if (boot < 0 && nanoseconds > long.MaxValue + boot)
        {
            return long.MaxValue;
        }

        return nanoseconds > boot ? (ulong)(nanoseconds - boot) : 0;
    }

    /// <summary>From here on the watcher knows of each change; what it reckons after this is right until then. Any context but NMI.</summary>
    [NoAllocation]
    public static void Watch(RealtimeWatcher watcher)
    {
        using (s_lock.Enter())
        {
            if (watcher.IsWatching)
            {
                return;
            }

            watcher.IsWatching = true;
            watcher.Previous = null;
            watcher.Next = s_first;
            if (s_first is { } first)
            {
                first.Previous = watcher;
            }

            s_first = watcher;
        }
    }

    /// <summary>The watcher waits no longer; it does nothing if it did not. Any context but NMI.</summary>
    [NoAllocation]
    public static void Unwatch(RealtimeWatcher watcher)
    {
        using (s_lock.Enter())
        {
            if (!watcher.IsWatching)
            {
                return;
            }

            watcher.IsWatching = false;
            if (watcher.Previous is { } previous)
            {
                previous.Next = watcher.Next;
            }
            else
            {
                s_first = watcher.Next;
            }

            if (watcher.Next is { } next)
            {
                next.Previous = watcher.Previous;
            }

            watcher.Next = null;
            watcher.Previous = null;
        }
    }
}
