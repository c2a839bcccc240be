using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>The nodes that drivers add to devtmpfs, with folders as they need them. What is added before there is a devtmpfs appears with it.</summary>
public static class DeviceNodes
{
    private const uint FolderMode = 0x1ED;
    private const int LongestName = 255;

    private static readonly Mutex s_lock = new("device nodes");

    [GuardedBy(nameof(s_lock))]
    private static readonly List<Node> s_nodes = [];

    // The kernel's own way into devtmpfs, wherever that is mounted.
    [GuardedBy(nameof(s_lock))]
    private static FileSystemContext? s_context;

    /// <summary>Adds a node. Task context.</summary>
    /// <param name="path">Name below /dev, with folders.</param>
    /// <param name="mode">Kind and permissions.</param>
    /// <param name="groupId">Owner's group.</param>
    /// <param name="number">The device's number.</param>
    /// <returns>Takes it away when it is disposed of.</returns>
    /// <exception cref="ArgumentException">No name of a file.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name, or devtmpfs cannot make it.</exception>
    [MightSleep]
    public static IDisposable Add(string path, uint mode, uint groupId, DeviceNumber number)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        foreach (string part in path.Split('/'))
        {
            if (part.Length == 0 || part is "." or ".." || part.Contains('\0') || Encoding.UTF8.GetByteCount(part) > LongestName)
            {
                throw new ArgumentException($"'{path}' is no name of a device.", nameof(path));
            }
        }

        var node = new Node(path, mode, groupId, number);
        using (s_lock.Enter())
        {
            foreach (Node other in s_nodes)
            {
                if (other.Path == path)
                {
                    throw new InvalidOperationException($"There is already a device /dev/{path}.");
                }
            }

            if (s_context is { } context)
            {
                Make(context, node);
            }

            s_nodes.Add(node);
        }

        return node;
    }

    /// <summary>There is a devtmpfs: fills it. Once.</summary>
    [MightSleep]
    internal static void Attach(TmpfsFileSystem fileSystem)
    {
        var root = new DirectoryEntry(null, [], fileSystem.Root);
        root.TryPin();
        fileSystem.KeptRoot = root;
        var mount = new Mount(fileSystem, root, MountFlags.None, "devtmpfs") { IsInternal = true };
        var context = new FileSystemContext(new VfsPath(mount, root), umask: 0);
        using (s_lock.Enter())
        {
            foreach (Node node in s_nodes)
            {
                Make(context, node);
            }

            s_context = context;
        }
    }

    [MightSleep]
    private static void Make(FileSystemContext context, Node node)
    {
        var walk = new PathWalk(context, Credentials.Root);
        for (int slash = node.Path.IndexOf('/'); slash > 0; slash = node.Path.IndexOf('/', slash + 1))
        {
            Errno made = Vfs.MakeDirectory(walk, Encoding.UTF8.GetBytes("/" + node.Path[..slash]), FolderMode);
            if (made is not (Errno.Ok or Errno.EEXIST))
            {
                throw new InvalidOperationException($"The folder of /dev/{node.Path} cannot be made: {made}.");
            }
        }

        Errno error = Vfs.MakeNode(walk, Encoding.UTF8.GetBytes("/" + node.Path), node.Mode, node.Number, out VfsPath created);
        if (error == Errno.Ok && node.GroupId != 0)
        {
            error = Vfs.ChangeOwner(created, Credentials.Root, 0, node.GroupId);
        }

        if (error != Errno.Ok)
        {
            throw new InvalidOperationException($"/dev/{node.Path} cannot be made: {error}.");
        }
    }

    [MightSleep]
    private static void Remove(Node node)
    {
        using (s_lock.Enter())
        {
            if (s_nodes.Remove(node) && s_context is { } context)
            {
                // A user may have removed or replaced it: that is his affair. Folders go when they are empty.
                var walk = new PathWalk(context, Credentials.Root);
                Vfs.Unlink(walk, Encoding.UTF8.GetBytes("/" + node.Path));
                for (int slash = node.Path.LastIndexOf('/'); slash > 0; slash = node.Path.LastIndexOf('/', slash - 1))
                {
                    if (Vfs.RemoveDirectory(walk, Encoding.UTF8.GetBytes("/" + node.Path[..slash])) != Errno.Ok)
                    {
                        break;
                    }
                }
            }
        }
    }

    private sealed class Node(string path, uint mode, uint groupId, DeviceNumber number) : IDisposable
    {
        public string Path { get; } = path;

        public uint Mode { get; } = mode;

        public uint GroupId { get; } = groupId;

        public DeviceNumber Number { get; } = number;

        [MightSleep]
        public void Dispose() => Remove(this);
    }
}
