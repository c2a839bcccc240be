using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Files;

/// <summary>A small disk that does each request at once, but reports the end of one only when the test lets it: so a test has two transfers on their way in the order that it wants. For the time of a test.</summary>
internal sealed class HeldDisk : BlockDriver, IDisposable
{
    private const int Pages = 16;
    private const int SectorsOfPage = Page.Size / DiskOptions.SectorBytes;

    [Immutable]
    private readonly Page[] _content = new Page[Pages];

    [Protocol("Touched with the disk's only hardware queue locked.")]
    private readonly BlockSegment[] _segments = new BlockSegment[BlockRequest.SegmentLimit];

    private readonly Disk _disk;
    private readonly ModuleContext? _owner;

    // Which operation is held next, -1 for none; the one that is held.
    [Atomic]
    private int _hold = -1;

    [Atomic]
    private BlockRequest? _held;

    /// <summary>Makes it, full of zeros, and its device. Task context.</summary>
    /// <param name="owner">The module that it belongs to; null for none.</param>
    [MightSleep]
    public HeldDisk(ModuleContext? owner = null)
    {
        if (CharacterDevices.Find(new DeviceNumber(1, 3)) is null)
        {
            DeviceStart.Start();
        }

        for (int i = 0; i < Pages; i++)
        {
            Check.True(Page.TryAllocate(out _content[i]));
        }

        var options = new DiskOptions { Prefix = "held", IsNumbered = true, Minors = 1, Sectors = Pages * SectorsOfPage, QueueDepth = 4 };
        _owner = owner;
        _disk = owner is null ? Disk.Register(options, this) : owner.AddDisk(options, this);
    }

    /// <summary>A request is held.</summary>
    public bool Holds => Volatile.Read(ref _held) is not null;

    /// <summary>The next request of a kind is done, but does not end before <see cref="Release"/>.</summary>
    public void HoldNext(BlockOperation operation) => Volatile.Write(ref _hold, (int)operation);

    /// <summary>Ends the one that is held.</summary>
    public void Release() => Interlocked.Exchange(ref _held, null)!.Complete(Errno.Ok);

    /// <summary>Opens it.</summary>
    [MightSleep]
    public OpenFile Open(OpenFlags flags = OpenFlags.ReadWrite)
    {
        var tmpfs = new TmpfsFileSystem(new TmpfsType("test"), new TmpfsOptions());
        Inode? node;
        using (tmpfs.Top.DirectoryLock.Enter())
        {
            Check.Equal(Errno.Ok, tmpfs.Top.Create("node"u8, new NewInode(FileMode.BlockDevice | 0x1B6, 0, 0, new DeviceNumber(_disk.Major, _disk.FirstMinor)), out node));
        }

        Check.Equal(Errno.Ok, BlockDevices.Open(default, node!, flags, out OpenFile? file));
        return file!;
    }

    /// <summary>Takes the disk away; files are closed. Task context.</summary>
    [MightSleep]
    public void Dispose()
    {
        if (_owner is { } owner)
        {
            owner.Release(_disk);
        }
        else
        {
            _disk.Dispose();
        }

        foreach (Page page in _content)
        {
            page.Release();
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Submit(BlockRequest request)
    {
        int count = request.CopySegments(_segments);
        int index = (int)(request.Sector / SectorsOfPage);
        for (int i = 0; i < count; i++, index++)
        {
            // The cache and direct transfers of whole pages are all that comes.
            (Page from, Page to) = request.Operation == BlockOperation.Read ? (_content[index], _segments[i].Page) : (_segments[i].Page, _content[index]);
            to.CopyFrom(from);
        }

        if (Interlocked.CompareExchange(ref _hold, -1, (int)request.Operation) == (int)request.Operation)
        {
            Volatile.Write(ref _held, request);
        }
        else
        {
            request.Complete(Errno.Ok);
        }

        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop() => Interlocked.Exchange(ref _held, null)?.Complete(Errno.ENODEV);
}
