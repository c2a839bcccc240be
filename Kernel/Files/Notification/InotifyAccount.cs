using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Notification;

/// <summary>How many instances and watches of inotify(7) one user has.</summary>
internal sealed class InotifyAccount
{
    private static readonly Mutex s_lock = new("inotify accounts");

    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<uint, InotifyAccount> s_accounts = [];

    [Atomic]
    private int _instances;

    [Atomic]
    private int _watches;

    /// <summary>The account of a user. Task context.</summary>
    [MightSleep]
    public static InotifyAccount Get(uint userId)
    {
        using (s_lock.Enter())
        {
            if (!s_accounts.TryGetValue(userId, out InotifyAccount? account))
            {
                account = new InotifyAccount();
                s_accounts.Add(userId, account);
            }

            return account;
        }
    }

    /// <summary>One instance more, if the limit allows it. Any context.</summary>
    [NoAllocation]
    public bool TryAddInstance() => TryAdd(ref _instances, InotifyLimits.Instances);

    /// <summary>An instance was closed. Any context.</summary>
    [NoAllocation]
    public void RemoveInstance() => Interlocked.Decrement(ref _instances);

    /// <summary>One watch more, if the limit allows it. Any context.</summary>
    [NoAllocation]
    public bool TryAddWatch() => TryAdd(ref _watches, InotifyLimits.Watches);

    /// <summary>A watch is gone. Any context.</summary>
    [NoAllocation]
    public void RemoveWatch() => Interlocked.Decrement(ref _watches);

    [NoAllocation]
    private static bool TryAdd(ref int count, int limit)
    {
        if (Interlocked.Increment(ref count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }
}
