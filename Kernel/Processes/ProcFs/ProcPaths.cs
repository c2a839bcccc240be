using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>Names of files as /proc shows them, as seen from the root of the one who asks. Task context.</summary>
internal static class ProcPaths
{
    private static ReadOnlySpan<byte> Unreachable => "(unreachable)/"u8;

    /// <summary>Puts the path of a place there; a removed one has <c> (deleted)</c> behind it.</summary>
    /// <returns>Bytes, cut at the end of the space.</returns>
    [MightSleep]
    public static int Get(in VfsPath path, Span<byte> to)
    {
        if (path.IsNull)
        {
            return 0;
        }

        VfsPath root = UserThread.Current?.FileSystem?.Root ?? path;
        if (Vfs.GetPath(path, root, to, out int length) != Errno.Ok)
        {
            length = Math.Min(Unreachable.Length, to.Length);
            Unreachable[..length].CopyTo(to);
        }

        return length;
    }

    /// <summary>Adds the name of an open file.</summary>
    [MightSleep]
    public static void Add(TextBuilder to, OpenFile file)
    {
        if (file.Description is { } description)
        {
            to.Add(description);
            return;
        }

        byte[] path = new byte[PathLimits.PathMaximum];
        to.Add(path.AsSpan(0, Get(file.Path, path)));
    }
}
