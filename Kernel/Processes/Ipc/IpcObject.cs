using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// What shared memory, semaphores and message queues of System V are: an object with an id, perhaps a key, an owner and permissions (sysvipc(7)). Its lock guards all that may change; who waits for
/// something of the object sleeps without it. Who finds an object in its <see cref="IpcTable{T}"/> takes the lock and looks at <see cref="IsRemoved"/> before anything else.
/// </summary>
public abstract class IpcObject
{
    private const uint AccessMask = 0x1FF;

    /// <summary>Guards the object.</summary>
    internal SpinLock Lock = new(LockClass.IpcObject);

    /// <summary>Makes an object that belongs to the caller. Task context.</summary>
    /// <param name="key">Its key, or IPC_PRIVATE.</param>
    /// <param name="flags">Permissions in the nine low bits.</param>
    /// <param name="owner">The caller's rights.</param>
    protected IpcObject(int key, int flags, Credentials owner)
    {
        OwnKey = key;
        UserId = owner.EffectiveUserId;
        GroupId = owner.EffectiveGroupId;
        CreatorUserId = owner.EffectiveUserId;
        CreatorGroupId = owner.EffectiveGroupId;
        Mode = (uint)flags & AccessMask;
        ChangeTime = Now;
    }

    /// <summary>Its id: the index in the table, and a sequence number above that.</summary>
    [Protocol("Set by the table before the object can be found.")]
    public int Id { get; internal set; }

    /// <summary>The key by which it is found; IPC_PRIVATE for none. Changes once, to IPC_PRIVATE, with the table's lock held as well.</summary>
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    internal int OwnKey { get; set; }

    /// <summary>Who made it.</summary>
    public uint CreatorUserId { get; }

    /// <summary>Group of who made it.</summary>
    public uint CreatorGroupId { get; }

    [GuardedBy(nameof(Lock))]
    internal uint UserId { get; set; }

    [GuardedBy(nameof(Lock))]
    internal uint GroupId { get; set; }

    [GuardedBy(nameof(Lock))]
    internal uint Mode { get; set; }

    [GuardedBy(nameof(Lock))]
    internal long ChangeTime { get; set; }

    /// <summary>It is nobody's any more.</summary>
    [GuardedBy(nameof(Lock))]
    internal bool IsRemoved { get; set; }

    /// <summary>Seconds since 1970.</summary>
    internal static long Now => Clock.RealtimeNanoseconds / Timespec.PerSecond;

    /// <summary>Whether somebody may use it (sysvipc(7)).</summary>
    /// <param name="who">Who.</param>
    /// <param name="wanted">Permission bits; those of any of the three classes count.</param>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal bool IsAllowed(Credentials who, uint wanted)
    {
        uint requested = (wanted >> 6) | (wanted >> 3) | wanted;
        uint granted = Mode;
        if (who.EffectiveUserId == CreatorUserId || who.EffectiveUserId == UserId)
        {
            granted >>= 6;
        }
        else if (who.IsInGroup(CreatorGroupId) || who.IsInGroup(GroupId))
        {
            granted >>= 3;
        }

        return (requested & ~granted & 7) == 0 || who.Has(Capability.IpcOwner);
    }

    /// <summary>As <see cref="IsAllowed"/>, for who does not hold the lock. Task context.</summary>
    [NoAllocation]
    internal Errno CheckAccess(Credentials who, uint wanted)
    {
        using (Lock.Enter())
        {
            return IsAllowed(who, wanted) ? Errno.Ok : Errno.EACCES;
        }
    }

    /// <summary>Whether somebody may change or remove it: its owner, its maker, and who has CAP_SYS_ADMIN. Task context.</summary>
    [NoAllocation]
    internal Errno CheckControl(Credentials who)
    {
        using (Lock.Enter())
        {
            return IsOwnedBy(who) || who.Has(Capability.SysAdmin) ? Errno.Ok : Errno.EPERM;
        }
    }

    /// <summary>It belongs to somebody, or was made by him.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal bool IsOwnedBy(Credentials who) => who.EffectiveUserId == CreatorUserId || who.EffectiveUserId == UserId;

    /// <summary>Owner and permissions, as all three kinds describe them.</summary>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal IpcPermission DescribePermission() => new()
    {
        Key = OwnKey,
        UserId = UserId,
        GroupId = GroupId,
        CreatorUserId = CreatorUserId,
        CreatorGroupId = CreatorGroupId,
        Mode = Mode,
        Sequence = (ushort)(Id >> IpcTables.IndexBits),
    };

    /// <summary>Sets owner and permissions (IPC_SET).</summary>
    /// <returns>EINVAL: -1 is no id.</returns>
    [RequiresLock(nameof(Lock))]
    [NoAllocation]
    internal Errno SetPermission(in IpcPermission permission)
    {
        if (permission.UserId == uint.MaxValue || permission.GroupId == uint.MaxValue)
        {
            return Errno.EINVAL;
        }

        UserId = permission.UserId;
        GroupId = permission.GroupId;
        Mode = (Mode & ~AccessMask) | (permission.Mode & AccessMask);
        ChangeTime = Now;
        return Errno.Ok;
    }
}
