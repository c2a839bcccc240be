using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block.Partitions;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Block;

/// <summary>A disk or one of its partitions, as device nodes show it: with a cache of its own, as in Linux.</summary>
public sealed class BlockDevice
{
    private readonly Mutex _openLock = new("block device");

    // The disk's own; itself when it is no partition.
    private readonly BlockDevice _whole;

    // Of the disk's own device: held while somebody begins or ends to use the disk or a partition, and by IfUnused. Outside of the driver's locks.
    private readonly Mutex _usersLock = new("disk users");

    // Open files and mappings of the disk and all its partitions; of the disk's own device.
    [GuardedBy(nameof(_usersLock), LockFreeReads = true)]
    private int _openers;

    [GuardedBy(nameof(_openLock), LockFreeReads = true)]
    private int _users;

    [Atomic]
    private int _isGone;

    [Atomic]
    private int _isReadOnly;

    [Atomic]
    private long _readAheadPages = 32;

    [Atomic]
    private ulong _sectors;

    internal BlockDevice(Disk disk, DeviceNumber number)
    {
        _whole = this;
        Disk = disk;
        Name = disk.Name;
        Number = number;
        _sectors = (ulong)disk.Sectors;
        Cache = new BlockCache(this);
    }

    internal BlockDevice(BlockDevice whole, PartitionEntry entry, DeviceNumber number)
    {
        Disk disk = whole.Disk;
        ulong sectors = (ulong)disk.LogicalBlockBytes / DiskOptions.SectorBytes;
        _whole = whole;
        Disk = disk;
        Entry = entry;
        Name = NameOf(disk, entry.Number);
        Number = number;
        Start = entry.FirstBlock * sectors;
        _sectors = entry.Blocks * sectors;
        PartitionStatistics = new IoStatistics();
        Cache = new BlockCache(this);
    }

    /// <summary>The disk.</summary>
    public Disk Disk { get; }

    /// <summary>What the partition table says of it; null for the disk itself.</summary>
    public PartitionEntry? Entry { get; }

    /// <summary>Its name, as in /dev.</summary>
    public string Name { get; }

    /// <summary>Its device number.</summary>
    public DeviceNumber Number { get; }

    /// <summary>Its first sector on the disk.</summary>
    public ulong Start { get; }

    /// <summary>It is a partition.</summary>
    public bool IsPartition => Entry is not null;

    /// <summary>Size in sectors. Any context.</summary>
    public ulong Sectors => Volatile.Read(ref _sectors);

    /// <summary>Size in bytes. Any context.</summary>
    public long Bytes => (long)(Sectors * DiskOptions.SectorBytes);

    /// <summary>The disk or the partition is gone: ENXIO. Any context.</summary>
    public bool IsGone => Volatile.Read(ref _isGone) != 0;

    /// <summary>It cannot be written now. Any context.</summary>
    public bool IsReadOnly => Volatile.Read(ref _isReadOnly) != 0 || Disk.IsReadOnly;

    /// <summary>Those of the partition, or of the disk.</summary>
    public IoStatistics Statistics => PartitionStatistics ?? Disk.Statistics;

    /// <summary>Pages that are read ahead at most. Any context.</summary>
    public ulong ReadAheadPages
    {
        get => (ulong)Volatile.Read(ref _readAheadPages);
        set => Volatile.Write(ref _readAheadPages, (long)value);
    }

    /// <summary>Open files and mappings of the disk and all its partitions. A snapshot.</summary>
    public int UsersOfDisk => Volatile.Read(ref _whole._openers);

    /// <summary>Open files and mappings, and who looks for partitions. A snapshot.</summary>
    public int Users => Volatile.Read(ref _users);

    internal BlockCache Cache { get; }

    [Protocol("Set and cleared with the lock of BlockDevices held.")]
    internal IDisposable? Node { get; set; }

    internal IoStatistics? PartitionStatistics { get; }

    internal static string NameOf(Disk disk, int partition) =>
        disk.Name + (char.IsAsciiDigit(disk.Name[^1]) ? "p" : "") + partition.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Refuses writes through this device (BLKROSET). Task context.</summary>
    internal void SetReadOnly(bool isReadOnly) => Volatile.Write(ref _isReadOnly, isReadOnly ? 1 : 0);

    internal void SetSectors(ulong sectors) => Volatile.Write(ref _sectors, sectors);

    /// <summary>The disk has another size. The page in which it ended leaves the cache: behind the old end it has zeros, where there may be data now. Task context.</summary>
    [MightSleep]
    internal void Resize(ulong sectors)
    {
        const ulong SectorsOfPage = Memory.User.Page.Size / DiskOptions.SectorBytes;
        ulong before = Sectors;
        ulong cut = before / SectorsOfPage;
        bool isCut = before % SectorsOfPage != 0 && sectors > before;
        if (isCut)
        {
            // As long as the size is the old one, no zeros are written.
            Cache.WriteAndWait(cut, cut + 1);
        }

        SetSectors(sectors);
        if (isCut)
        {
            Cache.Remove(cut, cut + 1);
        }
    }

    internal void SetGone() => Volatile.Write(ref _isGone, 1);

    /// <summary>It goes, unless somebody uses it: whoever comes at the same time is refused, or it stays. Task context.</summary>
    [MightSleep]
    internal bool TrySetGoneIfUnused()
    {
        using (_openLock.Enter())
        {
            if (_users > 0)
            {
                return false;
            }

            SetGone();
            return true;
        }
    }

    /// <summary>Takes <see cref="TrySetGoneIfUnused"/> back: another partition of the disk is in use.</summary>
    internal void ComeBack() => Volatile.Write(ref _isGone, 0);

    /// <summary>An open file begins to use it. Task context.</summary>
    /// <returns>False when it is gone.</returns>
    [MightSleep]
    internal bool TryAddUser()
    {
        _whole.CountUser(1);
        using (_openLock.Enter())
        {
            if (!IsGone)
            {
                Volatile.Write(ref _users, _users + 1);
                return true;
            }
        }

        UserGone();
        return false;
    }

    /// <summary>A mapping of an open file begins to use it. Task context.</summary>
    [MightSleep]
    internal void AddUser()
    {
        _whole.CountUser(1);
        KeepCache();
    }

    /// <summary>An open file or a mapping is gone; with the last one what is dirty is written, and the cache given up: the disk may be changed through another device now. Task context.</summary>
    [MightSleep]
    internal void RemoveUser()
    {
        LeaveCache();
        UserGone();
    }

    /// <summary>Does something unless somebody has the disk or one of its partitions open or mapped; nobody begins meanwhile. Task context, with none of the driver's locks held.</summary>
    [MightSleep]
    internal void IfUnused(Action action)
    {
        using (_whole._usersLock.Enter())
        {
            if (_whole._openers == 0)
            {
                action();
            }
        }
    }

    [MightSleep]
    private void UserGone()
    {
        if (_whole.CountUser(-1) == 0)
        {
            Disk.Driver.Closed();
        }
    }

    [MightSleep]
    private int CountUser(int change)
    {
        using (_usersLock.Enter())
        {
            int now = _openers + change;
            Volatile.Write(ref _openers, now);
            return now;
        }
    }

    /// <summary>The cache is needed from here on. Task context.</summary>
    [MightSleep]
    internal void KeepCache()
    {
        using (_openLock.Enter())
        {
            Volatile.Write(ref _users, _users + 1);
        }
    }

    /// <summary>The end of <see cref="KeepCache"/>; after the last one nothing is in the cache. Task context.</summary>
    [MightSleep]
    internal void LeaveCache()
    {
        using (_openLock.Enter())
        {
            Volatile.Write(ref _users, _users - 1);
            if (_users == 0 && !IsGone)
            {
                Cache.WriteAndWait(0, ulong.MaxValue);
                Cache.Remove(0, ulong.MaxValue);
            }
        }
    }

    /// <summary>Writes what is dirty, waits, and has the device write its own cache. Task context.</summary>
    /// <param name="first">First byte.</param>
    /// <param name="end">Byte behind the last one; <see cref="long.MaxValue"/> for all.</param>
    /// <returns>Error of the flush; those of write-back are in the cache's sequence.</returns>
    [MightSleep]
    internal Errno Sync(long first, long end)
    {
        ulong endPage = end == long.MaxValue ? ulong.MaxValue : ((ulong)end + Page.Size - 1) / Page.Size;
        Cache.WriteAndWait((ulong)first / Page.Size, endPage);
        return Flush();
    }

    /// <summary>Has the device write its own cache, if it has one. Task context.</summary>
    [MightSleep]
    internal Errno Flush() => Disk.Options.HasWriteCache ? Command(BlockOperation.Flush, 0, 0) : Errno.Ok;

    /// <summary>Does a command without data, and waits. Task context.</summary>
    [MightSleep]
    internal Errno Command(BlockOperation operation, ulong sector, uint sectors)
    {
        BlockTransfer transfer = BlockTransfers.All.Take();
        transfer.Prepare(this, operation, sector, sectors);
        Disk.Submit(transfer);
        Errno error = transfer.Wait();
        transfer.Release();
        return error;
    }
}
