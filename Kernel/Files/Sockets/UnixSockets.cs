using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Sockets;

/// <summary>All sockets of AF_UNIX, for /proc/net/unix.</summary>
internal static class UnixSockets
{
    private static readonly Mutex s_lock = new("unix sockets");

    [GuardedBy(nameof(s_lock))]
    private static UnixSocket? s_first;

    [GuardedBy(nameof(s_lock))]
    private static int s_count;

    /// <summary>A new socket. Task context.</summary>
    [MightSleep]
    public static void Add(UnixSocket socket)
    {
        using (s_lock.Enter())
        {
            socket.NextInList = s_first;
            if (s_first is { } first)
            {
                first.PreviousInList = socket;
            }

            s_first = socket;
            s_count++;
        }
    }

    /// <summary>A socket is closed. Task context.</summary>
    [MightSleep]
    public static void Remove(UnixSocket socket)
    {
        using (s_lock.Enter())
        {
            if (socket.PreviousInList is { } previous)
            {
                previous.NextInList = socket.NextInList;
            }
            else
            {
                s_first = socket.NextInList;
            }

            if (socket.NextInList is { } next)
            {
                next.PreviousInList = socket.PreviousInList;
            }

            socket.NextInList = null;
            socket.PreviousInList = null;
            s_count--;
        }
    }

    /// <summary>The sockets that there are now, the oldest first. Task context.</summary>
    [MightSleep]
    public static UnixSocket[] GetAll()
    {
        using (s_lock.Enter())
        {
            var sockets = new UnixSocket[s_count];
            int place = s_count;
            for (UnixSocket? socket = s_first; socket is not null; socket = socket.NextInList)
            {
                sockets[--place] = socket;
            }

            return sockets;
        }
    }
}
