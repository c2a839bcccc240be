using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Initramfs;
using CosmosKernel.Files.Managed;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Image;

/// <summary>The tree of names that every image has: a tmpfs at the root, with what the initramfs brings, if there is one. Modules and kernels find it when they start; <c>System.IO</c> works from here on.</summary>
internal static class RootTree
{
    private const uint DefaultUmask = 0x12;

    // Owner may write, everybody else may read and search.
    private const uint DirectoryMode = 0x1ED;

    // Everybody may write, and remove only what is his own.
    private const uint TemporaryMode = 0x3FF;

    /// <summary>The root.</summary>
    [Immutable]
    public static VfsPath Root { get; [BeforePublication] private set; }

    /// <summary>There is an initramfs, and the boot line does not say that it is to be left alone (<c>noinitrd</c>).</summary>
    [Immutable]
    public static bool HasArchive { get; [BeforePublication] private set; }

    /// <summary>Makes it. Boot task, once, before modules start.</summary>
    [MightSleep]
    [BeforePublication]
    public static void Start()
    {
        var type = new TmpfsType("rootfs");
        FileSystems.Register(new TmpfsType());
        FileSystems.Register(type);
        Mount mount = MountTable.MountRoot(
            new TmpfsFileSystem(type, new TmpfsOptions { Mode = DirectoryMode, PageLimit = (long)FrameAllocator.ManagedFrames, InodeLimit = (long)FrameAllocator.ManagedFrames }), "rootfs");
        Root = new VfsPath(mount, mount.Root);
        var context = new FileSystemContext(Root, umask: 0);
        MakeWhatIsAlwaysThere(context);
        HasArchive = BootArchive.Length > 0 && !KernelOptions.Has("noinitrd");
        if (HasArchive)
        {
            Unpack(context);
        }

        context.Release();
        ManagedFiles.Start(Root);
    }

    /// <summary>What a first process begins with: at the root, with the usual umask.</summary>
    [MightSleep]
    public static FileSystemContext NewContext() => new(Root, DefaultUmask);

    /// <summary>For code of the kernel that is all there is, without an init that would do it: makes a directory for temporary files unless there is one.</summary>
    [MightSleep]
    public static void MakeTemporaryDirectory()
    {
        FileSystemContext context = new(Root, umask: 0);
        Errno error = Vfs.MakeDirectory(new PathWalk(context, Credentials.Root), "/tmp"u8, TemporaryMode);
        if (error is not (Errno.Ok or Errno.EEXIST))
        {
            KernelLog.Warning($"/tmp cannot be made: {error}");
        }

        context.Release();
    }

    /// <summary>For code of the kernel that is all there is: the nodes of devices, in <c>/dev</c>. Boot task, once, in place of what user space starts.</summary>
    [MightSleep]
    public static void MountDevices()
    {
        DeviceStart.StartWithoutTerminals();
        FileSystemContext context = new(Root, umask: 0);
        Errno error = Vfs.Resolve(new PathWalk(context, Credentials.Root), "/dev"u8, ResolveFlags.Follow, out VfsPath path);
        if (error == Errno.Ok)
        {
            error = Vfs.Mount(path, "devtmpfs", "devtmpfs", MountFlags.None, "");
        }

        if (error != Errno.Ok)
        {
            KernelLog.Warning($"/dev cannot be mounted: {error}");
        }

        context.Release();
    }

    // What Linux's own built-in archive brings.
    [MightSleep]
    private static void MakeWhatIsAlwaysThere(FileSystemContext context)
    {
        var walk = new PathWalk(context, Credentials.Root);
        Require(Vfs.MakeDirectory(walk, "/dev"u8, DirectoryMode), "/dev");
        Require(Vfs.MakeNode(walk, "/dev/console"u8, FileMode.CharacterDevice | 0x180, new DeviceNumber(5, 1), out _), "/dev/console");
        Require(Vfs.MakeDirectory(walk, "/root"u8, 0x1C0), "/root");
    }

    [MightSleep]
    private static void Unpack(FileSystemContext context)
    {
        ulong start = Clock.MonotonicNanoseconds;
        var unpacker = new InitramfsUnpacker(context, Credentials.Root);
        try
        {
            using var stream = new BootArchiveStream();
            unpacker.Unpack(stream);
        }
        catch (ArchiveException malformed)
        {
            KernelLog.Error($"initramfs: {malformed.Message}; what comes before it was unpacked");
        }

        long released = BootArchive.Release();
        KernelLog.Info(
            $"initramfs: {unpacker.Entries} entries, {unpacker.Bytes / 1024} KiB in {(Clock.MonotonicNanoseconds - start) / 1_000_000} ms; the archive's {released / 1024} KiB are free again");
    }

    private static void Require(Errno error, string what)
    {
        if (error != Errno.Ok)
        {
            throw new InvalidOperationException($"{what} cannot be made: {error}.");
        }
    }
}
