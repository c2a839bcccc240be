using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>
/// Files that come and go in /proc and /sys, with folders as they need them. What is added before the file system exists appears with it. A file that is taken away gives ENODEV to who still has it open;
/// taking it away waits for those who are reading or writing it just then.
/// </summary>
public sealed class SystemTree
{
    // Names are made once for all; the lock is held while folders are made, never while a file's text is.
    private readonly Mutex _lock;
    private readonly string _mountPoint;

    [GuardedBy(nameof(_lock))]
    private readonly List<SystemTreeEntry> _entries = [];

    // Folders that this tree has made, and how many entries need each.
    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<string, int> _folders = [];

    [GuardedBy(nameof(_lock))]
    private SystemFileSystem? _fileSystem;

    [GuardedBy(nameof(_lock))]
    private FixedDirectory? _root;

    private SystemTree(string mountPoint)
    {
        _mountPoint = mountPoint;
        _lock = new Mutex("entries of " + mountPoint);
    }

    /// <summary>What is in /proc.</summary>
    public static SystemTree Proc { get; } = new("/proc");

    /// <summary>What is in /sys.</summary>
    public static SystemTree Sys { get; } = new("/sys");

    /// <summary>Adds a file. Task context.</summary>
    /// <param name="path">Below the mount point, with folders: <c>driver/rtc</c>.</param>
    /// <param name="generate">Makes its text.</param>
    /// <param name="receive">Takes what is written; null: nothing can be.</param>
    /// <param name="permissions">Permission bits; 0: 0644 with <paramref name="receive"/>, otherwise 0444.</param>
    /// <param name="fault">Is told of an exception that left one of the two, and says what the reader or writer gets; null: it goes on to the system call.</param>
    /// <returns>Takes it away when it is disposed of.</returns>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public IDisposable Add(string path, TextGenerator generate, TextReceiver? receive = null, uint permissions = 0, Func<Exception, Errno>? fault = null)
    {
        const uint Readable = 0x124;
        const uint OwnerWrites = 0x1A4;
        return Add(new SystemTreeEntry(this, path, generate, receive, permissions != 0 ? permissions : receive is null ? Readable : OwnerWrites, fault));
    }

    /// <summary>Adds a symbolic link. Task context.</summary>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public IDisposable AddLink(string path, string target) => Add(new SystemTreeEntry(this, path, target));

    /// <summary>Adds a file that is no text, which stays. Task context.</summary>
    /// <param name="path">Below the mount point, with folders.</param>
    /// <param name="make">Makes it, once the file system exists.</param>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    internal void AddInode(string path, Func<SystemFileSystem, Inode> make) => Add(new SystemTreeEntry(this, path, make));

    /// <summary>The file system exists: fills it. Once.</summary>
    [MightSleep]
    public void Attach(SystemFileSystem fileSystem, FixedDirectory root)
    {
        ArgumentNullException.ThrowIfNull(root);
        using (_lock.Enter())
        {
            _fileSystem = fileSystem;
            _root = root;
            _folders.Clear();
            foreach (SystemTreeEntry entry in _entries)
            {
                Enter(entry);
            }
        }
    }

    [MightSleep]
    internal void Remove(SystemTreeEntry entry)
    {
        using (_lock.Enter())
        {
            if (!_entries.Remove(entry) || _root is not { } root)
            {
                return;
            }

            FixedDirectory? folder = Walk(root, entry.Folders);
            folder?.Remove(entry.Name);
            for (int depth = entry.Folders.Length; depth > 0; depth--)
            {
                string[] parts = entry.Folders[..depth];
                string path = string.Join('/', parts);
                if (!_folders.TryGetValue(path, out int needed))
                {
                    continue;
                }

                _folders[path] = needed - 1;
                if (needed == 1)
                {
                    _folders.Remove(path);
                    Walk(root, parts[..^1])?.Remove(parts[^1]);
                }
            }
        }
    }

    private static FixedDirectory? Walk(FixedDirectory root, string[] folders)
    {
        FixedDirectory? at = root;
        foreach (string name in folders)
        {
            at = at?.Find(name) as FixedDirectory;
        }

        return at;
    }

    [MightSleep]
    private SystemTreeEntry Add(SystemTreeEntry entry)
    {
        using (_lock.Enter())
        {
            foreach (SystemTreeEntry other in _entries)
            {
                if (other.Path == entry.Path)
                {
                    throw new InvalidOperationException($"There is already {_mountPoint}/{entry.Path}.");
                }
            }

            if (_root is not null)
            {
                Enter(entry);
            }

            _entries.Add(entry);
        }

        return entry;
    }

    [RequiresLock(nameof(_lock))]
    private void Enter(SystemTreeEntry entry)
    {
        FixedDirectory at = _root!;
        string path = "";
        foreach (string name in entry.Folders)
        {
            path = path.Length == 0 ? name : $"{path}/{name}";
            Inode? found = at.Find(name);
            if (found is null)
            {
                _folders[path] = 0;
                found = at.AddDirectory(name);
            }

            if (_folders.TryGetValue(path, out int needed))
            {
                _folders[path] = needed + 1;
            }

            at = found as FixedDirectory ?? throw new InvalidOperationException($"{_mountPoint}/{path} is no folder that files can be added to.");
        }

        if (at.Find(entry.Name) is not null)
        {
            throw new InvalidOperationException($"There is already {_mountPoint}/{entry.Path}.");
        }

        at.Add(entry.Name, entry.MakeInode(_fileSystem!));
    }
}
