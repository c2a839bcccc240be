using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// Gives up references to files that were in messages. A socket in a message of a socket in a message ... would be closed one inside the other, as deep as a user likes; so sockets are closed one after the other,
/// by whoever is at it already. Allocates nothing.
/// </summary>
internal static class SocketRelease
{
    private static readonly Mutex s_lock = new("sockets to close");

    [GuardedBy(nameof(s_lock))]
    private static SocketFile? s_first;

    [GuardedBy(nameof(s_lock))]
    private static bool s_isRunning;

    /// <summary>Gives a reference up. A socket may be closed a moment later, by another task. Task context.</summary>
    [MightSleep]
    public static void Release(OpenFile file)
    {
        if (file is not SocketFile socket)
        {
            file.Release();
            return;
        }

        using (s_lock.Enter())
        {
            if (socket.PendingReleases++ == 0)
            {
                socket.NextToRelease = s_first;
                s_first = socket;
            }

            if (s_isRunning)
            {
                return;
            }

            s_isRunning = true;
        }

        while (TakeNext(out int count) is { } next)
        {
            for (; count > 0; count--)
            {
                next.Release();
            }
        }
    }

    [MightSleep]
    private static SocketFile? TakeNext(out int count)
    {
        using (s_lock.Enter())
        {
            SocketFile? file = s_first;
            count = 0;
            if (file is null)
            {
                s_isRunning = false;
                return null;
            }

            s_first = file.NextToRelease;
            file.NextToRelease = null;
            count = file.PendingReleases;
            file.PendingReleases = 0;
            return file;
        }
    }
}
