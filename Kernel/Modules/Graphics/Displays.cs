using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Graphics;

/// <summary>The displays that drivers have added. Task context.</summary>
public static class Displays
{
    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static Display[] s_all = [];

    /// <summary>The one that graphics use when nobody says another: the first that was added. Null when there is none.</summary>
    public static Display? Primary => Volatile.Read(ref s_all) is [Display first, ..] ? first : null;

    /// <summary>All of them, in the order in which they were added.</summary>
    public static ReadOnlySpan<Display> All => Volatile.Read(ref s_all);

    /// <summary>Adds a display. Disposing the result takes it away, also from whoever has acquired it. Modules let their context own it.</summary>
    [MightSleep]
    public static IDisposable Add(Display display)
    {
        ArgumentNullException.ThrowIfNull(display);
        lock (s_lock)
        {
            Volatile.Write(ref s_all, [.. s_all, display]);
        }

        return new Registration(display);
    }

    private sealed class Registration(Display display) : IDisposable
    {
        public void Dispose()
        {
            lock (s_lock)
            {
                Volatile.Write(ref s_all, Array.FindAll(s_all, other => other != display));
            }

            display.Remove();
        }
    }
}
