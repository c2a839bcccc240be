using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// Where a task stands in the tree of names: root, working directory, umask. Shared by clone(2) with CLONE_FS, and counted. Readers take no lock: root and working
/// directory are one object that is replaced as a whole. Both are pinned.
/// </summary>
public sealed class FileSystemContext
{
    private readonly Mutex _lock = new("working directory");

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private Places _places;

    [Atomic]
    private uint _umask;

    [Atomic]
    private int _references = 1;

    /// <summary>Makes one with one reference, root and working directory the same place. Task context.</summary>
    /// <exception cref="InvalidOperationException">The place was just taken away.</exception>
    public FileSystemContext(in VfsPath root, uint umask = 0x12)
    {
        if (!root.TryPin() || !root.TryPin())
        {
            throw new InvalidOperationException("The root of a file system context is gone.");
        }

        _places = new Places(root, root);
        _umask = umask;
    }

    private FileSystemContext(Places places, uint umask)
    {
        _places = places;
        _umask = umask;
    }

    /// <summary>What / is. Any context.</summary>
    public VfsPath Root => Volatile.Read(ref _places).Root;

    /// <summary>The working directory. Any context.</summary>
    public VfsPath WorkingDirectory => Volatile.Read(ref _places).Directory;

    /// <summary>Permission bits that new files do not get. Any context.</summary>
    public uint Umask => Volatile.Read(ref _umask);

    /// <summary>Root and working directory of the same moment. Any context.</summary>
    internal Places Current => Volatile.Read(ref _places);

    /// <summary>Sets the umask. Any context.</summary>
    /// <returns>The old one.</returns>
    public uint ExchangeUmask(uint umask) => Interlocked.Exchange(ref _umask, umask & 0x1FF);

    /// <summary>One more task has it. Any context.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>It is shared by several tasks; outdated at once unless it is the caller's own and false.</summary>
    public bool IsShared => Volatile.Read(ref _references) > 1;

    /// <summary>How many tasks have it; outdated at once. Any context.</summary>
    public int Users => Volatile.Read(ref _references);

    /// <summary>A copy for a new task, or for one that wants its own (unshare(2)). Task context.</summary>
    [MightSleep]
    public FileSystemContext Copy()
    {
        using (_lock.Enter())
        {
            // Both are pinned by this object, and the lock keeps them: pins only go up here.
            _places.Root.TryPin();
            _places.Directory.TryPin();
            return new FileSystemContext(_places, Volatile.Read(ref _umask));
        }
    }

    /// <summary>A task gives it up. Task context.</summary>
    [MightSleep]
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Places places = Volatile.Read(ref _places);
            places.Root.Unpin();
            places.Directory.Unpin();
        }
    }

    /// <summary>Changes the working directory. Task context.</summary>
    /// <returns>False when the place was just taken away: look it up again.</returns>
    [MightSleep]
    public bool TrySetWorkingDirectory(in VfsPath directory)
    {
        if (!directory.TryPin())
        {
            return false;
        }

        VfsPath old;
        using (_lock.Enter())
        {
            old = _places.Directory;
            Volatile.Write(ref _places, new Places(_places.Root, directory));
        }

        old.Unpin();
        return true;
    }

    /// <summary>Changes the root (chroot(2)); the working directory stays. Task context.</summary>
    /// <returns>False when the place was just taken away: look it up again.</returns>
    [MightSleep]
    public bool TrySetRoot(in VfsPath root)
    {
        if (!root.TryPin())
        {
            return false;
        }

        VfsPath old;
        using (_lock.Enter())
        {
            old = _places.Root;
            Volatile.Write(ref _places, new Places(root, _places.Directory));
        }

        old.Unpin();
        return true;
    }

    /// <summary>Root and working directory at one moment.</summary>
    internal sealed record Places(VfsPath Root, VfsPath Directory);
}
