using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Files.Managed;

/// <summary>
/// What is behind <c>System.IO</c> in the kernel: the tree of names with one table of descriptors, one working directory and the rights of the kernel, for all .NET code of the kernel together, as one process has them.
/// The table's own lock guards descriptors; files guard themselves, as those of processes do. A descriptor is closed when its <c>SafeFileHandle</c> is disposed or finalized.
/// </summary>
public sealed partial class ManagedFiles : RuntimeFiles
{
    private readonly FileTable _table = new();
    private readonly FileSystemContext _context;

    private ManagedFiles(FileSystemContext context)
    {
        _context = context;

        // Looking a descriptor up counts the file: any task may close it meanwhile.
        _table.AddReference();
    }

    /// <summary>Descriptors that are open now, for tests and reports. Any context; outdated at once.</summary>
    public static int OpenDescriptors
    {
        get
        {
            int count = 0;
            if (Instance is ManagedFiles files)
            {
                for (int at = files._table.Next(0); at >= 0; at = files._table.Next(at + 1))
                {
                    count++;
                }
            }

            return count;
        }
    }

    private PathWalk Walk => new(_context, Credentials.Root);

    /// <summary>Opens the tree of names to <c>System.IO</c>. Boot task, once, when there is a root.</summary>
    /// <param name="root">The root and first working directory.</param>
    [MightSleep]
    public static void Start(in VfsPath root)
    {
        if (Instance is not null)
        {
            throw new InvalidOperationException("System.IO has its files already.");
        }

        Instance = new ManagedFiles(new FileSystemContext(root));
    }

    // A path as the tree of names knows it.
    private static Errno Translate(ReadOnlySpan<byte> path, Span<byte> buffer, out ReadOnlySpan<byte> translated)
    {
        translated = path;
        return DrivePaths.AreUsed ? DrivePaths.Translate(path, buffer, out translated) : Errno.Ok;
    }

    // 4 KiB on the stack only when drives are in use.
    private static int BufferBytes => DrivePaths.AreUsed ? PathLimits.PathMaximum : 0;

    private static long Negative(Errno error) => -(long)error;

    [MightSleep]
    private Errno Resolve(ReadOnlySpan<byte> path, ResolveFlags flags, out VfsPath found)
    {
        found = default;
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Errno error = Translate(path, buffer, out ReadOnlySpan<byte> place);
        return error == Errno.Ok ? Vfs.Resolve(Walk, place, flags, out found) : error;
    }

    // Runs an operation on the place of an open file, such as fchmod(2).
    [MightSleep]
    private Errno GetPlace(int descriptor, out OpenFile? file)
    {
        Errno error = _table.TryGet(descriptor, out file);
        if (error == Errno.Ok && (file!.IsPathOnly || file.Path.IsNull))
        {
            error = file.IsPathOnly ? Errno.EBADF : Errno.EINVAL;
            file.Release();
            file = null;
        }

        return error;
    }
}
