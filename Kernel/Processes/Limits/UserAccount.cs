using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>What a user has of what is limited by user, not by process: threads (RLIMIT_NPROC), queued signals (RLIMIT_SIGPENDING), bytes of message queues (RLIMIT_MSGQUEUE), and pages of locked shared memory.</summary>
public sealed class UserAccount
{
    private const int FewestToDrop = 64;

    private static readonly Tasks.Waiting.Mutex s_lock = new("user accounts");

    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<uint, UserAccount> s_accounts = [];

    // Accounts at which unused ones are looked for.
    [GuardedBy(nameof(s_lock))]
    private static int s_dropAt = FewestToDrop;

    [Atomic]
    private static int s_allThreads;

    [Atomic]
    private static int s_mostThreads = int.MaxValue;

    [Atomic]
    private int _threads;

    [Atomic]
    private int _signals;

    [Atomic]
    private long _lockedPages;

    [Atomic]
    private long _queueBytes;

    private UserAccount(uint uid)
    {
        Uid = uid;
    }

    /// <summary>The user id.</summary>
    public uint Uid { get; }

    /// <summary>Threads of the user.</summary>
    public int Threads => Volatile.Read(ref _threads);

    /// <summary>Queued signals that count for the user (<c>SigQ</c> in proc(5)).</summary>
    public int QueuedSignals => Volatile.Read(ref _signals);

    /// <summary>Threads of all users. Any context.</summary>
    public static int AllThreads => Volatile.Read(ref s_allThreads);

    /// <summary>Threads that there may be in all, whoever asks for more (kernel.threads-max). Any context.</summary>
    public static int MostThreads
    {
        get => Volatile.Read(ref s_mostThreads);
        set => Volatile.Write(ref s_mostThreads, value);
    }

    /// <summary>Descriptors of the user that are in messages.</summary>
    public InFlightAccount InFlight { get; } = new();

    /// <summary>
    /// The account of a user, made if it is new, with one thread more. Everything else that is counted belongs to a thread of the user when it begins, so an account with nothing in it is nobody's; those are dropped when
    /// their number has doubled. Task context; allocates.
    /// </summary>
    [MightSleep]
    public static UserAccount AddThread(uint uid)
    {
        using (s_lock.Enter())
        {
            if (!s_accounts.TryGetValue(uid, out UserAccount? account))
            {
                if (s_accounts.Count >= s_dropAt)
                {
                    DropUnused();
                }

                account = new UserAccount(uid);
                s_accounts.Add(uid, account);
            }

            account.AddThread();
            return account;
        }
    }

    /// <summary>Counts a thread.</summary>
    /// <returns>How many there are with it.</returns>
    [NoAllocation]
    internal int AddThread()
    {
        Interlocked.Increment(ref s_allThreads);
        return Interlocked.Increment(ref _threads);
    }

    /// <summary>A thread has ended, belongs to another user now, or was not made.</summary>
    [NoAllocation]
    internal void RemoveThread()
    {
        Interlocked.Decrement(ref s_allThreads);
        Interlocked.Decrement(ref _threads);
    }

    /// <summary>Counts a queued signal, unless there are as many as allowed.</summary>
    [NoAllocation]
    internal bool TryAddSignal(ulong limit)
    {
        if ((ulong)Interlocked.Increment(ref _signals) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _signals);
        return false;
    }

    /// <summary>A queued signal was taken.</summary>
    [NoAllocation]
    internal void RemoveSignal() => Interlocked.Decrement(ref _signals);

    /// <summary>Counts pages of shared memory that SHM_LOCK keeps in memory, unless there are more than allowed.</summary>
    [NoAllocation]
    internal bool TryLockPages(ulong pages, ulong limit) => TryAdd(ref _lockedPages, pages, limit);

    /// <summary>Such pages are not locked any more.</summary>
    [NoAllocation]
    internal void UnlockPages(ulong pages) => Interlocked.Add(ref _lockedPages, -(long)pages);

    /// <summary>Counts bytes of POSIX message queues (RLIMIT_MSGQUEUE), unless there are more than allowed.</summary>
    [NoAllocation]
    internal bool TryAddQueue(ulong bytes, ulong limit) => TryAdd(ref _queueBytes, bytes, limit);

    /// <summary>A message queue is gone.</summary>
    [NoAllocation]
    internal void RemoveQueue(ulong bytes) => Interlocked.Add(ref _queueBytes, -(long)bytes);

    private bool IsUnused => Threads == 0 && QueuedSignals == 0 && Volatile.Read(ref _lockedPages) == 0 && Volatile.Read(ref _queueBytes) == 0 && InFlight.Files == 0;

    [RequiresLock(nameof(s_lock))]
    private static void DropUnused()
    {
        List<uint> unused = [];
        foreach (UserAccount account in s_accounts.Values)
        {
            if (account.IsUnused)
            {
                unused.Add(account.Uid);
            }
        }

        foreach (uint uid in unused)
        {
            s_accounts.Remove(uid);
        }

        s_dropAt = s_accounts.Count < FewestToDrop / 2 ? FewestToDrop : s_accounts.Count * 2;
    }

    [NoAllocation]
    private static bool TryAdd(ref long counter, ulong amount, ulong limit)
    {
        if (amount > long.MaxValue / 2 || (ulong)Interlocked.Add(ref counter, (long)amount) > limit)
        {
            if (amount <= long.MaxValue / 2)
            {
                Interlocked.Add(ref counter, -(long)amount);
            }

            return false;
        }

        return true;
    }
}
