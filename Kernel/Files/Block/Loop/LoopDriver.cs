using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Block.Loop;

/// <summary>
/// A loop device: a disk whose sectors are a regular file (Linux, drivers/block/loop.c and loop(4) for the requests of ioctl(2)). While it has a file, a task of its own reads and writes that; without one it has no
/// sectors.
/// </summary>
internal sealed partial class LoopDriver : BlockDriver
{
    public const uint Major = 7;

    private const int Depth = 64;
    private const int MaximumPages = 32;
    private const uint SetFile = 0x4C00;
    private const uint ClearFile = 0x4C01;
    private const uint SetStatus = 0x4C04;
    private const uint GetStatus = 0x4C05;
    private const uint SetCapacity = 0x4C07;
    private const uint SetDirect = 0x4C08;
    private const uint SetBlockSize = 0x4C09;
    private const uint Configure = 0x4C0A;
    private const int InformationInConfiguration = 8;
    private const int ConfigurationBytes = 304;

    private readonly LoopQueue _queue = new(Depth);
    private readonly Mutex _changeLock = new("loop device");

    // Set once, before anybody knows of the disk but its node.
    [Atomic]
    private Disk? _disk;

    [GuardedBy(nameof(_changeLock), LockFreeReads = true)]
    private OpenFile? _file;

    // The task is done with the file. Its end cannot be joined: who gives the file up may be a process that is being killed.
    private readonly Completion _ended = new("loop device");

    // Inside of _changeLock. The task holds it while it does a request: the window onto the file changes between two of them.
    private readonly Mutex _windowLock = new("loop device window");

    [GuardedBy(nameof(_windowLock), LockFreeReads = true)]
    private LoopInformation _information = LoopInformation.Whole;

    // What the disk's size ought to be.
    [GuardedBy(nameof(_windowLock), LockFreeReads = true)]
    private long _sectors;

    // 1: its partitions are no longer those of what it shows.
    [Atomic]
    private int _hasOtherPartitions;

    /// <summary>It has a file. A snapshot.</summary>
    public bool IsBound => Volatile.Read(ref _file) is not null;

    /// <summary>Its number; -1 as long as it is being made.</summary>
    public int Number => Volatile.Read(ref _disk) is { } disk ? (int)disk.FirstMinor : -1;

    /// <summary>Its disk.</summary>
    public Disk? Disk => Volatile.Read(ref _disk);

    private BlockDevice? Device => BlockDevices.Find(new DeviceNumber(Major, Disk!.FirstMinor));

    /// <summary>Registers its disk, which has no file yet. Task context.</summary>
    [MightSleep]
    public void Register()
    {
        var options = new DiskOptions
        {
            Prefix = "loop",
            IsNumbered = true,
            Major = Major,
            Minors = 1,
            Sectors = 0,
            HasWriteCache = true,
            QueueDepth = Depth,
            MaximumSegments = MaximumPages,
            MaximumSectors = MaximumPages * Page.Size / DiskOptions.SectorBytes,
            MaximumDiscardSectors = 1 << 20,
            MaximumWriteZeroesSectors = 1 << 20,
        };
        Volatile.Write(ref _disk, Disk.Register(options, this));
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Submit(BlockRequest request)
    {
        if (!_queue.TryAdd(request))
        {
            request.Complete(Errno.EIO);
        }

        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed()
    {
        // Who has opened it since closes it, too; who opens it from here on finds it without a file.
        bool hasEnded = false;
        Device?.IfUnused(() =>
        {
            using (_changeLock.Enter())
            {
                hasEnded = _file is not null && (Volatile.Read(ref _information).Flags & LoopInformation.AutoClear) != 0;
                if (hasEnded)
                {
                    Unbind();
                }
            }
        });
        if (hasEnded)
        {
            Settle();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        using (_changeLock.Enter())
        {
            if (_file is not null)
            {
                Unbind();
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        if (request is < SetFile or > Configure)
        {
            return -(long)Errno.ENOTTY;
        }

        if (request != GetStatus && !Credentials.Current.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        Errno error;
        switch (request)
        {
            case SetFile:
                error = Bind(NumberOf(argument), LoopInformation.Whole, DiskOptions.SectorBytes);
                break;
            case Configure:
                error = BindConfigured(argument);
                break;
            case ClearFile:
                error = Change(information => information with { Flags = information.Flags | LoopInformation.AutoClear });
                break;
            case SetStatus:
                error = ChangeTo(argument);
                break;
            case GetStatus:
                return -(long)Tell(argument);
            case SetCapacity:
                error = Change(information => information);
                break;
            case SetBlockSize:
                error = ChangeBlock(NumberOf(argument));
                break;
            case SetDirect:
                error = !IsBound ? Errno.ENXIO : argument == 0 ? Errno.Ok : Errno.EINVAL;
                break;
            default:
                error = Errno.EINVAL;
                break;
        }

        if (error == Errno.Ok)
        {
            Settle();
        }

        return -(long)error;
    }

    // The argument is a number, no address.
    private static int NumberOf([UserAddress] ulong argument) => (int)argument;

    // Gives the disk its size. Without the lock, which comes after those of disks; who changes the size meanwhile comes here, too.
    [MightSleep]
    private void Settle()
    {
        long sectors;
        do
        {
            sectors = Volatile.Read(ref _sectors);
            Disk!.Resize(sectors);
        }
        while (Volatile.Read(ref _sectors) != sectors);

        if (Device is not { } device)
        {
            return;
        }

        BlockDevices.ShowDriver(device);
        if (Interlocked.Exchange(ref _hasOtherPartitions, 0) != 0 && Disk!.RereadPartitions() is var error && error != Errno.Ok)
        {
            KernelLog.Write(LogLevel.Warning, $"{Disk!.Name}: its partitions stay as they were: {error}");
        }
    }

    [MightSleep]
    private Errno BindConfigured([UserAddress] ulong argument)
    {
        Span<byte> bytes = stackalloc byte[ConfigurationBytes];
        if (UserMemory.Read(argument, bytes) != bytes.Length)
        {
            return Errno.EFAULT;
        }

        uint block = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        Errno error = LoopInformation.TryParse(bytes[InformationInConfiguration..], out LoopInformation information);
        const uint Settable = LoopInformation.ReadOnly | LoopInformation.AutoClear | LoopInformation.PartitionScan | LoopInformation.Direct;
        if ((information.Flags & ~Settable) != 0 || (block != 0 && !IsBlock(block)))
        {
            return Errno.EINVAL;
        }

        return error != Errno.Ok
            ? error
            : Bind(BinaryPrimitives.ReadInt32LittleEndian(bytes), information with { Flags = information.Flags & ~LoopInformation.Direct }, block == 0 ? DiskOptions.SectorBytes : (int)block);
    }

    [MightSleep]
    private Errno Bind(int descriptor, LoopInformation information, int block)
    {
        if (FileTable.Current is not { } table || table.TryGet(descriptor, out OpenFile? file) != Errno.Ok)
        {
            return Errno.EBADF;
        }

        Errno error = Errno.EINVAL;
        if (FileMode.Is(file!.Inode.Mode, FileMode.Regular) && file.IsReadable)
        {
            using (_changeLock.Enter())
            {
                error = _file is null ? Errno.Ok : Errno.EBUSY;
                if (error == Errno.Ok && TryStart(file))
                {
                    bool isReadOnly = !file.IsWritable || (information.Flags & LoopInformation.ReadOnly) != 0;
                    _ = Disk!.SetReadOnly(isReadOnly);
                    Disk!.SetBlockSize(block);
                    SetPartitionScan((information.Flags & LoopInformation.PartitionScan) != 0);
                    SetWindow(information with { Flags = (information.Flags & ~LoopInformation.ReadOnly) | (isReadOnly ? LoopInformation.ReadOnly : 0) }, information.SectorsOf(file.Inode.Size));
                    Volatile.Write(ref _file, file);
                    return Errno.Ok;
                }

                error = error == Errno.Ok ? Errno.ENOMEM : error;
            }
        }

        file.Release();
        return error;
    }

    [RequiresLock(nameof(_changeLock))]
    [MightSleep]
    private bool TryStart(OpenFile file)
    {
        _queue.Open();
        try
        {
            // What the task needs is there before it begins, so that no request fails for want of it.
            byte[] buffer = new byte[MaximumPages * Page.Size];
            var segments = new BlockSegment[MaximumPages];
            KernelTask.Start(Disk!.Name, () => Run(file, buffer, segments)).Detach();
            return true;
        }
        catch (OutOfMemoryException)
        {
            _queue.Close();
            return false;
        }
    }

    // What the task has is done first.
    [RequiresLock(nameof(_changeLock))]
    [MightSleep]
    private void Unbind()
    {
        OpenFile file = _file!;
        _queue.Close();
        _ended.Wait();
        Volatile.Write(ref _file, null);
        SetWindow(LoopInformation.Whole, 0);
        _ = Disk!.SetReadOnly(false);
        Disk!.SetBlockSize(DiskOptions.SectorBytes);
        SetPartitionScan(false);
        file.Release();
    }

    [RequiresLock(nameof(_changeLock))]
    private void SetPartitionScan(bool scans)
    {
        Disk!.ReadsPartitions = scans;
        Volatile.Write(ref _hasOtherPartitions, 1);
    }

    [MightSleep]
    private void SetWindow(LoopInformation information, long sectors)
    {
        using (_windowLock.Enter())
        {
            Volatile.Write(ref _information, information);
            Volatile.Write(ref _sectors, sectors);
        }
    }

    private static bool IsBlock(uint bytes) => bytes is >= DiskOptions.SectorBytes and <= Page.Size && uint.IsPow2(bytes);

    // The cache is written in blocks of the old size.
    [MightSleep]
    private Errno ChangeBlock(int bytes)
    {
        using (_changeLock.Enter())
        {
            if (_file is null)
            {
                return Errno.ENXIO;
            }

            if (!IsBlock((uint)bytes))
            {
                return Errno.EINVAL;
            }

            if (bytes != Disk!.LogicalBlockBytes)
            {
                EmptyCache();
                Disk!.SetBlockSize(bytes);
            }

            return Errno.Ok;
        }
    }

    [MightSleep]
    private void EmptyCache()
    {
        if (Device is { } device)
        {
            device.Cache.WriteAndWait(0, ulong.MaxValue);
            device.Cache.Remove(0, ulong.MaxValue);
        }
    }

    [MightSleep]
    private Errno ChangeTo([UserAddress] ulong argument)
    {
        Span<byte> bytes = stackalloc byte[LoopInformation.Bytes];
        if (UserMemory.Read(argument, bytes) != bytes.Length)
        {
            return Errno.EFAULT;
        }

        // AUTOCLEAR comes and goes, PARTSCAN only comes, what else is said of flags does not count.
        Errno error = LoopInformation.TryParse(bytes, out LoopInformation wanted);
        return error != Errno.Ok
            ? error
            : Change(present => wanted with { Flags = (present.Flags & ~LoopInformation.AutoClear) | (wanted.Flags & (LoopInformation.AutoClear | LoopInformation.PartitionScan)) });
    }

    // With another window onto the file what the cache has is of no use: it is written where it belonged, and read anew.
    [MightSleep]
    private Errno Change(Func<LoopInformation, LoopInformation> change)
    {
        using (_changeLock.Enter())
        {
            if (_file is not { } file)
            {
                return Errno.ENXIO;
            }

            LoopInformation present = Volatile.Read(ref _information);
            LoopInformation changed = change(present);
            bool isOther = changed.Offset != present.Offset || changed.SizeLimit != present.SizeLimit;
            if (isOther)
            {
                EmptyCache();
            }

            using (_windowLock.Enter())
            {
                // Somebody has read or written it meanwhile: what the cache has now belongs to the old window. As on Linux it is tried again by who wants it.
                if (isOther && Device is { Cache.PageCount: > 0 })
                {
                    return Errno.EAGAIN;
                }

                Volatile.Write(ref _information, changed);
                Volatile.Write(ref _sectors, changed.SectorsOf(file.Inode.Size));
            }

            if ((changed.Flags & ~present.Flags & LoopInformation.PartitionScan) != 0)
            {
                SetPartitionScan(true);
            }

            return Errno.Ok;
        }
    }

    /// <summary>What /sys/block/loop0/loop says while there is a file. Task context.</summary>
    /// <param name="directory">The directory, without entries.</param>
    [MightSleep]
    public void Describe(FixedDirectory directory)
    {
        directory.Add("backing_file", AddFileName);
        directory.Add("offset", to => to.Add(Volatile.Read(ref _information).Offset).Line());
        directory.Add("sizelimit", to => to.Add(Volatile.Read(ref _information).SizeLimit).Line());
        directory.Add("autoclear", to => AddFlag(to, LoopInformation.AutoClear));
        directory.Add("partscan", to => AddFlag(to, LoopInformation.PartitionScan));
        directory.Add("dio", to => AddFlag(to, LoopInformation.Direct));
    }

    private void AddFlag(TextBuilder to, uint flag) => to.Add((Volatile.Read(ref _information).Flags & flag) != 0 ? 1L : 0L).Line();

    [MightSleep]
    private void AddFileName(TextBuilder to)
    {
        using (_changeLock.Enter())
        {
            if (_file is { Description: { } description })
            {
                to.Add(description);
            }
            else if (_file is { Path.IsNull: false } file)
            {
                // The whole path, whatever is / for who asks.
                VfsPath top = file.Path;
                while (top.Mount.Place is { } place)
                {
                    top = new VfsPath(place.Parent, place.Entry);
                }

                byte[] text = new byte[PathLimits.PathMaximum];
                _ = Vfs.GetPath(file.Path, new VfsPath(top.Mount, top.Mount.Root), text, out int length);
                to.Add(text.AsSpan(0, length));
            }

            to.Line();
        }
    }

    [MightSleep]
    private Errno Tell([UserAddress] ulong argument)
    {
        Span<byte> bytes = stackalloc byte[LoopInformation.Bytes];
        using (_changeLock.Enter())
        {
            if (_file is not { } file)
            {
                return Errno.ENXIO;
            }

            Volatile.Read(ref _information).Write(bytes, Number, file.Inode.FileSystem.Device.Encoded, file.Inode.Number);
        }

        return UserMemory.Write(argument, bytes) == bytes.Length ? Errno.Ok : Errno.EFAULT;
    }
}
