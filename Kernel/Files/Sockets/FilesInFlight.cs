using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred.Work;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// Descriptors that are in messages. It counts them for their users (unix(7), ETOOMANYREFS), and frees sockets that nobody can reach any more: whose every reference is in a message that waits at such a socket. Counting
/// references cannot see that, since each of a circle has one.
/// <para>A socket is a suspect if it has as many references as it is in messages. What suspects' messages refer to is subtracted; a suspect that has references left is reached from outside, and so is what its messages
/// refer to. The others are lost: their messages give up what they hold.</para>
/// <para>Why that is right while others send and receive: a reference is counted here before its message can be found, and is no longer counted before anybody else gets it; both take the lock. So no suspect gets
/// outside, and none comes in, while the lock is held.</para>
/// </summary>
public static class FilesInFlight
{
    private static readonly LockClass s_class = LockClasses.Register("files in flight");
    private static readonly Mutex s_lock = new("files in flight", s_class);

    // Sockets that are in messages.
    [GuardedBy(nameof(s_lock))]
    private static SocketFile? s_first;

    // Of a search: sockets that are reached and whose messages are not looked at yet.
    [GuardedBy(nameof(s_lock))]
    private static SocketFile? s_toVisit;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_sockets;

    // Sockets that were closed since the last search.
    [Atomic]
    private static int s_closed;

    private static readonly LateSearch s_lateSearch = new();

    /// <summary>Counts files that go into a message.</summary>
    /// <returns>ETOOMANYREFS: the user has too many there already.</returns>
    [MightSleep]
    public static Errno Add(PassedFiles files)
    {
        InFlightAccount? account = FileServices.Instance?.InFlight;
        if (account is not null && account.Files > (FileServices.Instance?.DescriptorLimit ?? FileTable.Maximum)
            && !Credentials.Current.Has(Capability.SysResource) && !Credentials.Current.Has(Capability.SysAdmin))
        {
            return Errno.ETOOMANYREFS;
        }

        account?.Add(files.Files.Length);
        using (s_lock.Enter())
        {
            files.Account = account;
            files.IsInFlight = true;
            foreach (OpenFile file in files.Files)
            {
                if (file is SocketFile socket)
                {
                    Count(socket);
                }
            }
        }

        return Errno.Ok;
    }

    /// <summary>Files have left their message: whoever has them now is the only one.</summary>
    [MightSleep]
    public static void Remove(PassedFiles files)
    {
        using (s_lock.Enter())
        {
            RemoveLocked(files);
        }
    }

    /// <summary>Files of a message that nobody will receive: they are closed, if there is no other reference.</summary>
    [MightSleep]
    public static void Release(PassedFiles? files)
    {
        if (files is not null)
        {
            Remove(files);
            files.Release();
        }
    }

    /// <summary>Other references to the files of a message, which keeps its own (MSG_PEEK). The caller has the lock of the message's queue, and gives it up before it uses them.</summary>
    internal static PassedFiles Duplicate(PassedFiles files)
    {
        foreach (OpenFile file in files.Files)
        {
            file.AddReference();
        }

        return new PassedFiles(files.Files);
    }

    /// <summary>Waits until no search is under way: references that were taken from a queue may be given out only then, or a search that began before could take their sockets for lost.</summary>
    [MightSleep]
    internal static void AwaitSearch()
    {
        using (s_lock.Enter())
        {
        }
    }

    /// <summary>A socket has been closed, or one in a message has lost a reference: others, or it, may be lost now. A search looks at all sockets in messages, so there is one for each call only while there are few, and else
    /// one for a sixteenth of their number; and one a moment after the last call, so that nothing waits for the next.</summary>
    [MightSleep]
    internal static void NoteClosed()
    {
        const int SocketsForOneClose = 16;
        int sockets = Volatile.Read(ref s_sockets);
        if (sockets == 0)
        {
            return;
        }

        if ((long)Interlocked.Increment(ref s_closed) * SocketsForOneClose >= sockets)
        {
            Volatile.Write(ref s_closed, 0);
            Collect();
        }
        else
        {
            s_lateSearch.QueueAfter(LateSearch.Delay);
        }
    }

    // Frees sockets that nobody can reach.
    [MightSleep]
    private static void Collect()
    {
        PassedFiles? lost = null;
        using (s_lock.Enter())
        {
            SocketFile? suspects = FindSuspects();
            if (suspects is null)
            {
                return;
            }

            for (SocketFile? socket = suspects; socket is not null; socket = socket.NextSuspect)
            {
                ((UnixSocket)socket.Socket).VisitFiles(reaches: false);
            }

            FindReached(suspects);
            for (SocketFile? socket = suspects; socket is not null; socket = socket.NextSuspect)
            {
                if (socket.Suspicion == Suspicion.Suspect)
                {
                    ((UnixSocket)socket.Socket).TakeAllFiles(ref lost);
                }
            }

            Forget(suspects);
            for (PassedFiles? files = lost; files is not null; files = files.NextLost)
            {
                RemoveLocked(files);
            }
        }

        while (lost is not null)
        {
            PassedFiles files = lost;
            lost = files.NextLost;
            files.NextLost = null;
            files.Release();
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void RemoveLocked(PassedFiles files)
    {
        if (!files.IsInFlight)
        {
            return;
        }

        files.IsInFlight = false;
        files.Account?.Add(-files.Files.Length);
        foreach (OpenFile file in files.Files)
        {
            if (file is SocketFile socket)
            {
                Uncount(socket);
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Count(SocketFile socket)
    {
        if (socket.InFlight++ != 0)
        {
            return;
        }

        socket.NextInFlight = s_first;
        socket.PreviousInFlight = null;
        if (s_first is { } first)
        {
            first.PreviousInFlight = socket;
        }

        s_first = socket;
        Volatile.Write(ref s_sockets, s_sockets + 1);
    }

    [RequiresLock(nameof(s_lock))]
    private static void Uncount(SocketFile socket)
    {
        if (--socket.InFlight != 0)
        {
            return;
        }

        if (socket.PreviousInFlight is { } previous)
        {
            previous.NextInFlight = socket.NextInFlight;
        }
        else
        {
            s_first = socket.NextInFlight;
        }

        if (socket.NextInFlight is { } next)
        {
            next.PreviousInFlight = socket.PreviousInFlight;
        }

        socket.NextInFlight = null;
        socket.PreviousInFlight = null;
        Volatile.Write(ref s_sockets, s_sockets - 1);
    }

    [RequiresLock(nameof(s_lock))]
    private static SocketFile? FindSuspects()
    {
        SocketFile? suspects = null;
        for (SocketFile? socket = s_first; socket is not null; socket = socket.NextInFlight)
        {
            if (socket.References == socket.InFlight)
            {
                socket.Suspicion = Suspicion.Suspect;
                socket.Unexplained = socket.InFlight;
                socket.NextSuspect = suspects;
                suspects = socket;
            }
        }

        return suspects;
    }

    /// <summary>A suspect's message refers to a socket. Within a search.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="reaches">The suspect is reached, so this one is; else one of its references is explained.</param>
    [RequiresLock(nameof(s_lock))]
    internal static void Visit(SocketFile socket, bool reaches)
    {
        if (reaches)
        {
            Reach(socket);
        }
        else if (socket.Suspicion != Suspicion.None)
        {
            socket.Unexplained--;
        }
    }

    // Suspects with references that no suspect's message explains, and all that their messages refer to.
    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void FindReached(SocketFile suspects)
    {
        for (SocketFile? socket = suspects; socket is not null; socket = socket.NextSuspect)
        {
            if (socket.Unexplained > 0)
            {
                Reach(socket);
            }
        }

        while (s_toVisit is { } visited)
        {
            s_toVisit = visited.NextToVisit;
            visited.NextToVisit = null;
            ((UnixSocket)visited.Socket).VisitFiles(reaches: true);
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Reach(SocketFile socket)
    {
        if (socket.Suspicion == Suspicion.Suspect)
        {
            socket.Suspicion = Suspicion.Reached;
            socket.NextToVisit = s_toVisit;
            s_toVisit = socket;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Forget(SocketFile suspects)
    {
        for (SocketFile? socket = suspects; socket is not null;)
        {
            SocketFile? next = socket.NextSuspect;
            socket.Suspicion = Suspicion.None;
            socket.NextSuspect = null;
            socket = next;
        }
    }

    private sealed class LateSearch() : DelayedWorkItem(WorkQueues.Default)
    {
        // Nanoseconds: of closings that follow each other so soon there is one search.
        public const ulong Delay = 50_000_000;

        protected override void Execute()
        {
            if (Interlocked.Exchange(ref s_closed, 0) != 0)
            {
                Collect();
            }
        }
    }
}
