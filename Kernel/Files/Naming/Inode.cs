using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// A file as its file system knows it: attributes and operations, without a name (inode(7)). All operations are called in task context and may sleep; each returns <see cref="Errno.Ok"/> or why not.
/// <para>Locks: the operations on names of a directory are called by <see cref="Vfs"/> with <see cref="DirectoryLock"/> of that directory held (a rename: of both), after all checks of
/// permissions and types that do not depend on the file system. The other operations are called without a lock. Attributes are read without a lock: each is whole, and may be
/// outdated at once.</para>
/// <para>An operation that an inode does not have gives the error of its documentation; so a derived class overrides what it can do.</para>
/// </summary>
public abstract class Inode
{
    // No constant: the static rule against two locks of one class does not know attempts, and a rename tries the second one. The validator, which sees the rest, knows them.
    private static readonly string s_directoryName = "directory";
    private static readonly LockClass s_directoryClass = LockClasses.Register(s_directoryName);

    [Atomic]
    private uint _mode;

    [Atomic]
    private uint _userId;

    [Atomic]
    private uint _groupId;

    [Atomic]
    private int _links;

    [Atomic]
    private long _accessTime;

    [Atomic]
    private long _modifyTime;

    [Atomic]
    private long _changeTime;

    [Atomic]
    private object? _attachment;

    [Atomic]
    private InodeLocks? _locks;

    [Atomic]
    private ExtendedAttributes? _extended;

    [Atomic]
    private int _writeHint;

    // Open for writing so often when positive; executed so often when negative.
    [Atomic]
    private int _writers;

    // Open only for reading so often.
    [Atomic]
    private int _readers;

    // Replaced as a whole; null when nobody watches.
    [Atomic]
    private InodeWatch[]? _watches;

    /// <summary>Makes an inode with all times now and one name. Task context.</summary>
    /// <param name="fileSystem">What it belongs to.</param>
    /// <param name="number">Its number, unique in the file system, not 0.</param>
    /// <param name="attributes">Mode, owner, device.</param>
    protected Inode(FileSystem fileSystem, ulong number, in NewInode attributes)
    {
        FileSystem = fileSystem;
        Number = number;
        Device = attributes.Device;
        _mode = attributes.Mode;
        _userId = attributes.UserId;
        _groupId = attributes.GroupId;
        _links = 1;
        long now = Clock.RealtimeNanoseconds;
        BirthTime = now;
        _accessTime = now;
        _modifyTime = now;
        _changeTime = now;
        if (FileMode.Is(attributes.Mode, FileMode.Directory))
        {
            DirectoryLock = new Mutex(s_directoryName, s_directoryClass);
        }
        else
        {
            DirectoryLock = null!;
        }
    }

    /// <summary>What it belongs to.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>Its number, unique in the file system.</summary>
    public ulong Number { get; }

    /// <summary>Which device it stands for, if it is a device node.</summary>
    public DeviceNumber Device { get; }

    /// <summary>Held while the names in this directory change, and while one is looked up that the cache does not know. Directories only. Two of them are held together only by a rename, which holds the file system's <see cref="FileSystem.RenameLock"/> before.</summary>
    public Mutex DirectoryLock { get; }

    /// <summary>Type and permissions. Any context.</summary>
    public uint Mode => Volatile.Read(ref _mode);

    /// <summary>Owner. Any context.</summary>
    public uint UserId => Volatile.Read(ref _userId);

    /// <summary>Group. Any context.</summary>
    public uint GroupId => Volatile.Read(ref _groupId);

    /// <summary>Names that it has. Any context.</summary>
    public uint Links => (uint)Volatile.Read(ref _links);

    /// <summary>Last access, in nanoseconds since 1970. Any context.</summary>
    public long AccessTime => Volatile.Read(ref _accessTime);

    /// <summary>Last change of the content. Any context.</summary>
    public long ModifyTime => Volatile.Read(ref _modifyTime);

    /// <summary>Last change of the inode. Any context.</summary>
    public long ChangeTime => Volatile.Read(ref _changeTime);

    /// <summary>Creation.</summary>
    public long BirthTime { get; }

    /// <summary>It is a directory.</summary>
    public bool IsDirectory => FileMode.Is(Mode, FileMode.Directory);

    /// <summary>It is a symbolic link.</summary>
    public bool IsSymbolicLink => FileMode.Is(Mode, FileMode.SymbolicLink);

    /// <summary>It is a regular file.</summary>
    public bool IsRegular => FileMode.Is(Mode, FileMode.Regular);

    /// <summary>Bytes of content. Any context.</summary>
    public virtual long Size => 0;

    /// <summary>
    /// What other parts keep with the inode while it is in memory: the pipe of a FIFO, the socket that is bound to it. Set once by <see cref="TryAttach"/>, cleared by who set it.
    /// </summary>
    public object? Attachment => Volatile.Read(ref _attachment);

    /// <summary>Its file locks; null when there never were any. Any context.</summary>
    internal InodeLocks? Locks => Volatile.Read(ref _locks);

    /// <summary>How long what is written is expected to live: 0 to 5 (fcntl(2), F_SET_RW_HINT). It is told to whoever asks and changes nothing. Any context.</summary>
    public int WriteHint
    {
        get => Volatile.Read(ref _writeHint);
        set => Volatile.Write(ref _writeHint, value);
    }

    /// <summary>Its extended attributes; null when it never had one. Any context.</summary>
    public ExtendedAttributes? ExtendedAttributes => Volatile.Read(ref _extended);

    /// <summary>Who wants to know what happens to it; null for nobody. The array does not change. Any context.</summary>
    internal InodeWatch[]? Watches => Volatile.Read(ref _watches);

    /// <summary>For directories: names that were looked up are kept in the cache, so that <see cref="Lookup"/> is asked once. False where names come and go by themselves, as in /proc: every look-up asks.</summary>
    public virtual bool CachesNames => true;

    /// <summary>For symbolic links: <see cref="Follow"/> leads to a place that no text names, as in /proc/PID/fd.</summary>
    public virtual bool IsMagicLink => false;

    /// <summary>Keeps something with the inode if nothing is kept yet. Any context.</summary>
    /// <returns>What is kept now: the argument, or what was there before.</returns>
    [NoAllocation]
    public object TryAttach(object attachment) => Interlocked.CompareExchange(ref _attachment, attachment, null) ?? attachment;

    /// <summary>Ends what <see cref="TryAttach"/> began, if this object is kept. Any context.</summary>
    [NoAllocation]
    public void Detach(object attachment) => Interlocked.CompareExchange(ref _attachment, null, attachment);

    /// <summary>Somebody wants to know what happens to it from now on. Task context. The caller keeps the inode from going away meanwhile.</summary>
    [MightSleep]
    internal void AddWatch(InodeWatch watch)
    {
        FileSystem.Watches.Add(watch);
        bool isAdded = false;
        try
        {
            while (!isAdded)
            {
                InodeWatch[]? before = Watches;
                InodeWatch[] after = before is null ? [watch] : [.. before, watch];
                isAdded = ReferenceEquals(Interlocked.CompareExchange(ref _watches, after, before), before);
            }

            FileNotify.Count(1);
        }
        finally
        {
            if (!isAdded)
            {
                FileSystem.Watches.Remove(watch);
            }
        }
    }

    /// <summary>Ends what <see cref="AddWatch"/> began; an event that is under way may still be told. Task context.</summary>
    /// <returns>False: it had ended before, because the inode is gone.</returns>
    [MightSleep]
    internal bool RemoveWatch(InodeWatch watch)
    {
        while (true)
        {
            InodeWatch[]? before = Watches;
            int index = before is null ? -1 : Array.IndexOf(before, watch);
            if (index < 0)
            {
                return false;
            }

            InodeWatch[]? after = before!.Length == 1 ? null : [.. before.AsSpan(0, index), .. before.AsSpan(index + 1)];
            if (ReferenceEquals(Interlocked.CompareExchange(ref _watches, after, before), before))
            {
                FileSystem.Watches.Remove(watch);
                FileNotify.Count(-1);
                return true;
            }
        }
    }

    /// <summary>The inode is gone: takes all watches from it. Any context.</summary>
    [NoAllocation]
    internal InodeWatch[]? TakeWatches() => Interlocked.Exchange(ref _watches, null);

    /// <summary>Its file locks. Task context.</summary>
    internal InodeLocks GetLocks()
    {
        if (Locks is { } locks)
        {
            return locks;
        }

        locks = new InodeLocks(this);
        return Interlocked.CompareExchange(ref _locks, locks, null) ?? locks;
    }

    /// <summary>Its extended attributes, for setting one. Task context.</summary>
    internal ExtendedAttributes GetExtendedAttributes()
    {
        if (ExtendedAttributes is { } extended)
        {
            return extended;
        }

        extended = new ExtendedAttributes();
        return Interlocked.CompareExchange(ref _extended, extended, null) ?? extended;
    }

    /// <summary>A regular file is opened: counts it. Any context.</summary>
    /// <param name="use">How.</param>
    /// <returns>ETXTBSY: to write to what is executed, or to execute what is open for writing.</returns>
    [NoAllocation]
    internal Errno AddUser(FileUse use)
    {
        if (use == FileUse.Read)
        {
            Interlocked.Increment(ref _readers);
            return Errno.Ok;
        }

        int step = use == FileUse.Write ? 1 : -1;
        int writers = Volatile.Read(ref _writers);
        while (writers == 0 || writers > 0 == step > 0)
        {
            int seen = Interlocked.CompareExchange(ref _writers, writers + step, writers);
            if (seen == writers)
            {
                return Errno.Ok;
            }

            writers = seen;
        }

        return Errno.ETXTBSY;
    }

    /// <summary>Ends what <see cref="AddUser"/> began. Any context.</summary>
    [NoAllocation]
    internal void RemoveUser(FileUse use)
    {
        if (use == FileUse.Read)
        {
            Interlocked.Decrement(ref _readers);
        }
        else if (use != FileUse.None)
        {
            Interlocked.Add(ref _writers, use == FileUse.Write ? -1 : 1);
        }
    }

    /// <summary>Nobody else has the file open in a way that a lease forbids (fcntl(2), F_SETLEASE). A snapshot.</summary>
    internal bool AllowsLease(OpenFile file, FileLockAccess access)
    {
        int writers = Volatile.Read(ref _writers);
        return access == FileLockAccess.Read ? writers <= 0 : writers == (file.IsWritable ? 1 : 0) && Volatile.Read(ref _readers) == (file.IsWritable ? 0 : 1);
    }

    /// <summary>Finds a name in this directory. With <see cref="DirectoryLock"/> held.</summary>
    /// <param name="name">1 to 255 bytes, no slash, not . or ..</param>
    /// <param name="inode">What has the name.</param>
    /// <returns>ENOENT: nothing has.</returns>
    [MightSleep]
    public virtual Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = null;
        return Errno.ENOTDIR;
    }

    /// <summary>Makes a file, directory, device node, FIFO or socket in this directory; the type is in the mode. With <see cref="DirectoryLock"/> held; the name is free.</summary>
    /// <returns>Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno Create(ReadOnlySpan<byte> name, in NewInode attributes, out Inode? inode)
    {
        inode = null;
        return Errno.EPERM;
    }

    /// <summary>Makes a file without a name in this directory's file system (O_TMPFILE): no links, and freed when it is closed, unless it is linked before.</summary>
    /// <param name="attributes">Mode and owner.</param>
    /// <param name="mayGetName">link(2) may give it a name.</param>
    /// <param name="inode">The file; to be opened at once.</param>
    /// <returns>Default: EOPNOTSUPP.</returns>
    [MightSleep]
    public virtual Errno CreateUnnamed(in NewInode attributes, bool mayGetName, out Inode? inode)
    {
        inode = null;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Makes a symbolic link in this directory. With <see cref="DirectoryLock"/> held; the name is free.</summary>
    /// <returns>Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno SymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, in NewInode attributes, out Inode? inode)
    {
        inode = null;
        return Errno.EPERM;
    }

    /// <summary>Gives an inode one more name, in this directory. With <see cref="DirectoryLock"/> held; the name is free; the inode is of this file system and no directory.</summary>
    /// <returns>Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno Link(ReadOnlySpan<byte> name, Inode inode) => Errno.EPERM;

    /// <summary>Takes a name from an inode that is no directory. With <see cref="DirectoryLock"/> held.</summary>
    /// <returns>Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno Unlink(ReadOnlySpan<byte> name, Inode inode) => Errno.EPERM;

    /// <summary>Removes an empty directory from this one, so that no name can be made in it any more. With <see cref="DirectoryLock"/> of this directory held, not of the removed one.</summary>
    /// <returns>ENOTEMPTY. Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno RemoveDirectory(ReadOnlySpan<byte> name, Inode inode) => Errno.EPERM;

    /// <summary>
    /// Moves a name of this directory. With <see cref="DirectoryLock"/> of both directories held. Types have been checked: a directory replaces a directory.
    /// </summary>
    /// <param name="name">The name in this directory.</param>
    /// <param name="inode">What has it.</param>
    /// <param name="directory">Where it goes; may be this directory.</param>
    /// <param name="newName">What it is called there.</param>
    /// <param name="replaced">What has the new name and loses it; null when it is free.</param>
    /// <param name="exchange">The two inodes exchange their names.</param>
    /// <returns>ENOTEMPTY: the replaced directory is not empty. Default: EPERM.</returns>
    [MightSleep]
    public virtual Errno Rename(ReadOnlySpan<byte> name, Inode inode, Inode directory, ReadOnlySpan<byte> newName, Inode? replaced, bool exchange) => Errno.EPERM;

    /// <summary>The text of a symbolic link.</summary>
    /// <param name="target">Where it goes; it is cut if that is too short.</param>
    /// <param name="length">Bytes put there.</param>
    /// <returns>Default: EINVAL.</returns>
    [MightSleep]
    public virtual Errno ReadLink(Span<byte> target, out int length)
    {
        length = 0;
        return Errno.EINVAL;
    }

    /// <summary>The text of a symbolic link that never changes, so that walks need not copy it; null: <see cref="ReadLink"/> tells. Nobody writes to the array.</summary>
    public virtual byte[]? LinkText => null;

    /// <summary>Where a magic link leads.</summary>
    /// <returns>Default: EINVAL.</returns>
    [MightSleep]
    public virtual Errno Follow(out VfsPath target)
    {
        target = default;
        return Errno.EINVAL;
    }

    /// <summary>
    /// Opens it: makes an open file with one reference. Permissions have been checked. Device nodes and FIFOs need not override it: <see cref="Vfs"/> opens them by their device number or pipe.
    /// </summary>
    /// <param name="path">Where it was found; the open file pins it.</param>
    /// <param name="flags">Of open(2); truncation is done by the caller afterwards.</param>
    /// <param name="file">The open file.</param>
    /// <returns>Default: ENXIO.</returns>
    [MightSleep]
    public virtual Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        return Errno.ENXIO;
    }

    /// <summary>Sets the size. The file size limit has been checked.</summary>
    /// <returns>Default: EINVAL.</returns>
    [MightSleep]
    public virtual Errno Truncate(long size) => Errno.EINVAL;

    /// <summary>Changes attributes and the time of change. Permissions have been checked.</summary>
    [MightSleep]
    public virtual Errno SetAttributes(in AttributeChange change)
    {
        if (change.Permissions is { } permissions)
        {
            SetPermissions(permissions);
        }

        if (change.UserId is { } user)
        {
            Volatile.Write(ref _userId, user);
        }

        if (change.GroupId is { } group)
        {
            Volatile.Write(ref _groupId, group);
        }

        if (change.AccessTime is { } access)
        {
            Volatile.Write(ref _accessTime, access);
        }

        if (change.ModifyTime is { } modify)
        {
            Volatile.Write(ref _modifyTime, modify);
        }

        TouchChange();
        return Errno.Ok;
    }

    /// <summary>What stat(2) tells.</summary>
    [MightSleep]
    public virtual void GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Device = FileSystem.Device,
            Number = Number,
            Mode = Mode,
            Links = Links,
            UserId = UserId,
            GroupId = GroupId,
            RealDevice = Device,
            Size = Size,
            BlockBytes = 4096,
            AccessTime = AccessTime,
            ModifyTime = ModifyTime,
            ChangeTime = ChangeTime,
            BirthTime = BirthTime,
        };
    }

    /// <summary>Changes attributes as <see cref="SetAttributes"/> does by default, for file systems whose inodes take their attributes from elsewhere. Task context.</summary>
    protected void SetOwner(uint userId, uint groupId)
    {
        Volatile.Write(ref _userId, userId);
        Volatile.Write(ref _groupId, groupId);
    }

    /// <summary>Sets the permission bits; the type stays. Any context.</summary>
    [NoAllocation]
    protected internal void SetPermissions(uint permissions)
    {
        uint type = Volatile.Read(ref _mode) & FileMode.TypeMask;
        Volatile.Write(ref _mode, type | (permissions & FileMode.PermissionMask));
    }

    /// <summary>Adds to the number of names. Any context.</summary>
    /// <returns>The number after it.</returns>
    [NoAllocation]
    protected int ChangeLinks(int by) => Interlocked.Add(ref _links, by);

    /// <summary>Sets the number of names. Any context.</summary>
    [NoAllocation]
    protected void SetLinks(int links) => Volatile.Write(ref _links, links);

    /// <summary>The content was read: the time of access is now, if it was not after the last change or is a day old (mount(2), MS_RELATIME). Any context.</summary>
    [NoAllocation]
    public void TouchAccess()
    {
        const long Day = 86_400_000_000_000;
        long access = Volatile.Read(ref _accessTime);
        if (access > Volatile.Read(ref _modifyTime) && access > Volatile.Read(ref _changeTime))
        {
            long now = Clock.RealtimeNanoseconds;
            if (now - access >= Day || now < access)
            {
                Volatile.Write(ref _accessTime, now);
            }

            return;
        }

        Volatile.Write(ref _accessTime, Clock.RealtimeNanoseconds);
    }

    /// <summary>The content was changed: so were content and inode now. Any context.</summary>
    [NoAllocation]
    public void TouchModify()
    {
        long now = Clock.RealtimeNanoseconds;
        Volatile.Write(ref _modifyTime, now);
        Volatile.Write(ref _changeTime, now);
    }

    /// <summary>The inode was changed now. Any context.</summary>
    [NoAllocation]
    public void TouchChange() => Volatile.Write(ref _changeTime, Clock.RealtimeNanoseconds);
}
