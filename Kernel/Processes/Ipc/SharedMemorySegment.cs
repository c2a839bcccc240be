using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// A segment of shared memory (shmget(2)). Each mapping of its pages is an attachment, whoever makes it: shmat(2), fork(2), or what cuts a mapping in two. It goes by IPC_RMID, but not before the last
/// attachment.
/// </summary>
internal sealed class SharedMemorySegment : IpcObject
{
    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private ulong _attachments;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private long _attachTime;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private long _detachTime;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private int _lastId;

    // For whom its pages are locked; null when they are not.
    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private UserAccount? _locker;

    /// <summary>Makes a segment without pages. Task context.</summary>
    public SharedMemorySegment(int key, int flags, Credentials owner, ulong bytes, UserThread maker)
        : base(key, flags, owner)
    {
        Bytes = bytes;
        CreatorId = maker.Process.Id;
        MapName = $"/SYSV{(uint)key:x8} (deleted)";
    }

    /// <summary>Bytes, as asked for.</summary>
    public ulong Bytes { get; }

    /// <summary>Pages that hold them.</summary>
    public ulong PageCount => (Bytes + AddressSpace.PageBytes - 1) >> AddressSpace.PageShift;

    /// <summary>The process that made it.</summary>
    public int CreatorId { get; }

    /// <summary>What /proc/PID/maps shows.</summary>
    public string MapName { get; }

    /// <summary>Its pages.</summary>
    [Protocol("Set by its maker before anybody else sees it.")]
    public SharedMemoryPages Pages { get; set; } = null!;

    /// <summary>The thread that made it, while that lives; null: it has no maker any more.</summary>
    [GuardedBy(typeof(SharedMemory), "s_makersLock")]
    internal UserThread? Maker { get; set; }

    [GuardedBy(typeof(SharedMemory), "s_makersLock")]
    internal SharedMemorySegment? NextMade { get; set; }

    [GuardedBy(typeof(SharedMemory), "s_makersLock")]
    internal SharedMemorySegment? PreviousMade { get; set; }

    /// <summary>Keeps it while shmat(2) maps it: counts as an attachment that has no time.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="wanted">Permissions.</param>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno TryHold(Credentials who, uint wanted)
    {
        using (Lock.Enter())
        {
            if (!IsAllowed(who, wanted))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            _attachments++;
            return Errno.Ok;
        }
    }

    /// <summary>There is one mapping more.</summary>
    [NoAllocation]
    public void Attached()
    {
        long now = Now;
        int process = CurrentProcess;
        using (Lock.Enter())
        {
            _attachments++;
            _attachTime = now;
            _lastId = process;
        }
    }

    /// <summary>There is one mapping less, or who held it does no longer.</summary>
    /// <param name="isMapping">It was a mapping.</param>
    /// <returns>It was the last one, and the segment goes: the caller destroys it.</returns>
    [NoAllocation]
    public bool Detach(bool isMapping)
    {
        long now = Now;
        int process = CurrentProcess;
        using (Lock.Enter())
        {
            _attachments--;
            if (isMapping)
            {
                _detachTime = now;
                _lastId = process;
            }

            return _attachments == 0 && ((Mode & SharedMemoryConstants.SHM_DEST) != 0 || IpcLimits.RemovesUnattached) && TryEnd();
        }
    }

    /// <summary>IPC_RMID: it goes now, or with the last attachment.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="isNow">It goes now: the caller destroys it.</param>
    /// <returns>EPERM; EIDRM.</returns>
    [NoAllocation]
    public Errno Remove(Credentials who, out bool isNow)
    {
        using (Lock.Enter())
        {
            isNow = false;
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if (!IsOwnedBy(who) && !who.Has(Capability.SysAdmin))
            {
                return Errno.EPERM;
            }

            Mode |= SharedMemoryConstants.SHM_DEST;
            isNow = _attachments == 0 && TryEnd();
            return Errno.Ok;
        }
    }

    /// <summary>Nobody has it attached and nobody made it: it goes, if that is the rule (shm_rmid_forced).</summary>
    /// <returns>The caller destroys it.</returns>
    [NoAllocation]
    public bool TryEndOrphan()
    {
        using (Lock.Enter())
        {
            return _attachments == 0 && TryEnd();
        }
    }

    /// <summary>Locks its pages, which nothing takes from memory anyway: it counts for RLIMIT_MEMLOCK of the user.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="account">Who it counts for.</param>
    /// <param name="limit">RLIMIT_MEMLOCK, bytes.</param>
    /// <returns>EPERM: it is not the caller's, or the limit is 0; ENOMEM: the limit; EIDRM.</returns>
    [NoAllocation]
    public Errno LockPages(Credentials who, UserAccount account, ulong limit)
    {
        bool mayLockAny = who.Has(Capability.IpcLock);
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if (!mayLockAny && (!IsOwnedBy(who) || limit == 0))
            {
                return Errno.EPERM;
            }

            if (_locker is not null)
            {
                return Errno.Ok;
            }

            if (!account.TryLockPages(PageCount, mayLockAny ? ulong.MaxValue : limit >> AddressSpace.PageShift))
            {
                return Errno.ENOMEM;
            }

            _locker = account;
            Mode |= SharedMemoryConstants.SHM_LOCKED;
            return Errno.Ok;
        }
    }

    /// <summary>Ends <see cref="LockPages"/>.</summary>
    /// <returns>EPERM; EIDRM.</returns>
    [NoAllocation]
    public Errno UnlockPages(Credentials who)
    {
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if (!who.Has(Capability.IpcLock) && !IsOwnedBy(who))
            {
                return Errno.EPERM;
            }

            Unlock();
            return Errno.Ok;
        }
    }

    /// <summary>IPC_SET.</summary>
    /// <returns>EPERM; EIDRM; EINVAL.</returns>
    [NoAllocation]
    public Errno Set(Credentials who, in IpcPermission permission)
    {
        using (Lock.Enter())
        {
            return IsRemoved ? Errno.EIDRM : !IsOwnedBy(who) && !who.Has(Capability.SysAdmin) ? Errno.EPERM : SetPermission(permission);
        }
    }

    /// <summary>IPC_STAT, SHM_STAT, SHM_STAT_ANY, and /proc/sysvipc/shm.</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="description">The description.</param>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno Describe(Credentials? who, out SharedMemoryDescription description)
    {
        const uint Read = 0x124;
        description = default;
        using (Lock.Enter())
        {
            if (who is not null && !IsAllowed(who, Read))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            description.Permission = DescribePermission();
            description.Size = Bytes;
            description.AttachTime = _attachTime;
            description.DetachTime = _detachTime;
            description.ChangeTime = ChangeTime;
            description.CreatorId = CreatorId;
            description.LastId = _lastId;
            description.Attachments = _attachments;
            return Errno.Ok;
        }
    }

    private static int CurrentProcess => TaskStruct.Current.Signals is UserThread thread ? thread.Process.Id : 0;

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private bool TryEnd()
    {
        if (IsRemoved)
        {
            return false;
        }

        IsRemoved = true;
        Unlock();
        return true;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Unlock()
    {
        _locker?.UnlockPages(PageCount);
        _locker = null;
        Mode &= ~SharedMemoryConstants.SHM_LOCKED;
    }
}
