using System;
using System.Numerics;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// The descriptors of a process, or of tasks that share them (clone(2), CLONE_FILES). Looking one up takes no lock and allocates nothing; changes hold the table's lock. Each descriptor holds one reference to its
/// file. A number may be taken without a file yet: open(2) reserves it before it has the side effects of opening. Task context throughout.
/// </summary>
public sealed class FileTable : TaskFiles
{
    /// <summary>Descriptors that a table can have at all (/proc/sys/fs/nr_open).</summary>
    public const int Maximum = 1 << 20;

    private const int SmallestTable = 64;
    private static readonly LockClass s_class = LockClasses.Register("descriptors");

    private readonly Mutex _lock = new("descriptors", s_class);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private DescriptorSlots _slots;

    // Numbers below are taken.
    [GuardedBy(nameof(_lock))]
    private int _lowestFree;

    [Atomic]
    private int _references = 1;

    /// <summary>Makes an empty table with one reference.</summary>
    public FileTable()
        : this(new DescriptorSlots(SmallestTable))
    {
    }

    private FileTable(DescriptorSlots slots)
    {
        _slots = slots;
    }

    /// <summary>That of the running task; null for kernel tasks that have none.</summary>
    public static FileTable? Current => TaskStruct.Current.Files as FileTable;

    /// <summary>Several tasks share it. Certain only for one of them, and when false.</summary>
    public bool IsShared => Volatile.Read(ref _references) > 1;

    /// <summary>The file of a descriptor, for the time of a system call of a task whose table this is. Not for tables of other processes: they take <see cref="TryGet"/>.</summary>
    /// <param name="descriptor">Any number.</param>
    /// <returns>A reference to be disposed; its file is null for EBADF.</returns>
    [MightSleep]
    public FileReference Get(int descriptor)
    {
        if (!IsShared)
        {
            // Only the running task can close it, or share the table, and it does neither during the call.
            OpenFile?[] files = Volatile.Read(ref _slots).Files;
            return (uint)descriptor < (uint)files.Length && files[descriptor] is { } file ? new FileReference(file, isCounted: false) : default;
        }

        return TryGet(descriptor, out OpenFile? counted) == Errno.Ok ? new FileReference(counted!, isCounted: true) : default;
    }

    /// <summary>The file of a descriptor with a reference, which the caller releases. Any task, any table.</summary>
    /// <returns>EBADF.</returns>
    [MightSleep]
    public Errno TryGet(int descriptor, out OpenFile? file)
    {
        while (true)
        {
            OpenFile?[] files = Volatile.Read(ref _slots).Files;
            file = (uint)descriptor < (uint)files.Length ? Volatile.Read(ref files[descriptor]) : null;
            if (file is null)
            {
                return Errno.EBADF;
            }

            // It may be closed between the look and the count; and what is counted then may be the file of another descriptor. The atomic operation orders the second look after it.
            if (file.TryAddReference())
            {
                files = Volatile.Read(ref _slots).Files;
                if ((uint)descriptor < (uint)files.Length && ReferenceEquals(Volatile.Read(ref files[descriptor]), file))
                {
                    return Errno.Ok;
                }

                file.Release();
            }
        }
    }

    /// <summary>Takes the lowest free number, for a file that <see cref="Install"/> puts there.</summary>
    /// <param name="descriptor">The number.</param>
    /// <param name="from">No lower one (F_DUPFD).</param>
    /// <param name="closeOnExec">Closes at exec.</param>
    /// <returns>EMFILE: RLIMIT_NOFILE; ENOMEM.</returns>
    [MightSleep]
    public Errno Reserve(out int descriptor, int from = 0, bool closeOnExec = false)
    {
        int limit = Math.Min(FileServices.Instance?.DescriptorLimit ?? Maximum, Maximum);
        using (_lock.Enter())
        {
            int start = Math.Max(from, _lowestFree);
            descriptor = _slots.FindFree(start);
            if (descriptor >= limit || from >= limit)
            {
                return Errno.EMFILE;
            }

            if (descriptor >= _slots.Capacity)
            {
                descriptor = Math.Max(descriptor, from);
                if (!TryGrow(descriptor + 1))
                {
                    return Errno.ENOMEM;
                }
            }

            _slots.Take(descriptor);
            _slots.SetCloseOnExec(descriptor, closeOnExec);
            if (from <= _lowestFree)
            {
                _lowestFree = descriptor + 1;
            }

            return Errno.Ok;
        }
    }

    // Callers hold files and numbers that an exception would lose.
    [RequiresLock(nameof(_lock))]
    private bool TryGrow(int capacity)
    {
        try
        {
            Grow(capacity);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Gives back a number that was reserved and got no file.</summary>
    [MightSleep]
    public void Unreserve(int descriptor)
    {
        using (_lock.Enter())
        {
            Free(descriptor);
        }
    }

    /// <summary>Puts a file at a reserved number; the caller's reference goes to the table.</summary>
    [MightSleep]
    public void Install(int descriptor, OpenFile file)
    {
        file.Count();
        using (_lock.Enter())
        {
            Volatile.Write(ref _slots.Files[descriptor], file);
        }
    }

    /// <summary>Reserves the lowest free number and puts a file there. The caller's reference goes to the table, or is released with an error.</summary>
    /// <param name="file">The file.</param>
    /// <param name="closeOnExec">Closes at exec.</param>
    /// <returns>The descriptor, or -EMFILE.</returns>
    [MightSleep]
    public long Add(OpenFile file, bool closeOnExec)
    {
        ArgumentNullException.ThrowIfNull(file);
        Errno error = Reserve(out int descriptor, 0, closeOnExec);
        if (error != Errno.Ok)
        {
            file.Release();
            return -(long)error;
        }

        Install(descriptor, file);
        return descriptor;
    }

    /// <summary>Puts a file at a number, whose file is closed (dup2(2)). The caller's reference goes to the table, or is released with an error.</summary>
    /// <returns>The number; -EBADF: it is beyond the limit; -EBUSY: another task is opening a file there.</returns>
    [MightSleep]
    public long Replace(int descriptor, OpenFile file, bool closeOnExec)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Count();
        int limit = Math.Min(FileServices.Instance?.DescriptorLimit ?? Maximum, Maximum);
        Errno error = Errno.Ok;
        OpenFile? old = null;
        if ((uint)descriptor >= (uint)limit)
        {
            error = Errno.EBADF;
        }
        else
        {
            using (_lock.Enter())
            {
                bool fits = descriptor < _slots.Capacity || TryGrow(descriptor + 1);
                old = fits ? _slots.Files[descriptor] : null;
                if (!fits)
                {
                    error = Errno.ENOMEM;
                }
                else if (old is null && _slots.IsTaken(descriptor))
                {
                    error = Errno.EBUSY;
                }
                else
                {
                    _slots.Take(descriptor);
                    _slots.SetCloseOnExec(descriptor, closeOnExec);
                    Volatile.Write(ref _slots.Files[descriptor], file);
                }
            }
        }

        if (error != Errno.Ok)
        {
            file.Release();
            return -(long)error;
        }

        if (old is not null)
        {
            CloseFile(old);
        }

        return descriptor;
    }

    /// <summary>Closes a descriptor.</summary>
    /// <returns>EBADF, or what the file's <see cref="OpenFile.Flush"/> says.</returns>
    [MightSleep]
    public Errno Close(int descriptor)
    {
        OpenFile? file;
        using (_lock.Enter())
        {
            file = TakeOut(descriptor);
        }

        return file is null ? Errno.EBADF : CloseFile(file);
    }

    /// <summary>Closes all descriptors of a range (close_range(2)).</summary>
    /// <param name="first">First.</param>
    /// <param name="last">Last, included.</param>
    [MightSleep]
    public void CloseRange(uint first, uint last)
    {
        // From one that is taken to the next: what is free costs nothing, however large the table is.
        for (long descriptor = first; descriptor <= last; descriptor++)
        {
            OpenFile? file;
            using (_lock.Enter())
            {
                descriptor = descriptor < _slots.Capacity ? _slots.FindTaken((int)descriptor) : _slots.Capacity;
                if (descriptor > last || descriptor >= _slots.Capacity)
                {
                    return;
                }

                file = TakeOut((int)descriptor);
            }

            if (file is not null)
            {
                CloseFile(file);
            }
        }
    }

    /// <summary>Lets all descriptors of a range close at exec.</summary>
    [MightSleep]
    public void SetCloseOnExecRange(uint first, uint last)
    {
        using (_lock.Enter())
        {
            int end = (int)Math.Min(_slots.End(), (long)last + 1);
            for (int descriptor = (int)Math.Min(first, Maximum); descriptor < end; descriptor++)
            {
                if (_slots.Files[descriptor] is not null)
                {
                    _slots.SetCloseOnExec(descriptor, true);
                }
            }
        }
    }

    /// <summary>Whether a descriptor closes at exec.</summary>
    /// <returns>EBADF.</returns>
    [MightSleep]
    public Errno GetCloseOnExec(int descriptor, out bool closes)
    {
        using (_lock.Enter())
        {
            bool exists = (uint)descriptor < (uint)_slots.Capacity && _slots.Files[descriptor] is not null;
            closes = exists && _slots.ClosesOnExec(descriptor);
            return exists ? Errno.Ok : Errno.EBADF;
        }
    }

    /// <summary>Says whether a descriptor closes at exec.</summary>
    /// <returns>EBADF.</returns>
    [MightSleep]
    public Errno SetCloseOnExec(int descriptor, bool closes)
    {
        using (_lock.Enter())
        {
            if ((uint)descriptor >= (uint)_slots.Capacity || _slots.Files[descriptor] is null)
            {
                return Errno.EBADF;
            }

            _slots.SetCloseOnExec(descriptor, closes);
            return Errno.Ok;
        }
    }

    /// <summary>Exec: closes what closes then. The table belongs to the calling task alone.</summary>
    [MightSleep]
    public void CloseForExec()
    {
        for (int descriptor = 0; ; descriptor++)
        {
            OpenFile? file = null;
            using (_lock.Enter())
            {
                descriptor = _slots.FindTaken(descriptor);
                while (descriptor < _slots.Capacity && (_slots.Files[descriptor] is null || !_slots.ClosesOnExec(descriptor)))
                {
                    descriptor = _slots.FindTaken(descriptor + 1);
                }

                if (descriptor >= _slots.Capacity)
                {
                    return;
                }

                file = TakeOut(descriptor);
            }

            if (file is not null)
            {
                CloseFile(file);
            }
        }
    }

    /// <summary>The next descriptor that has a file, for /proc.</summary>
    /// <param name="from">No lower one.</param>
    /// <returns>-1 when there is none.</returns>
    public int Next(int from)
    {
        OpenFile?[] files = Volatile.Read(ref _slots).Files;
        for (int descriptor = Math.Max(from, 0); descriptor < files.Length; descriptor++)
        {
            if (Volatile.Read(ref files[descriptor]) is not null)
            {
                return descriptor;
            }
        }

        return -1;
    }

    /// <summary>Numbers that the table has room for without growing (FDSize of /proc/PID/status).</summary>
    public int Capacity => Volatile.Read(ref _slots).Capacity;

    /// <summary>One more task shares the table.</summary>
    [NoAllocation]
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>A table with the same files (fork(2), unshare(2)); with one reference. Numbers that are reserved only are free in it.</summary>
    /// <param name="count">Only descriptors below (close_range(2), CLOSE_RANGE_UNSHARE).</param>
    [MightSleep]
    public FileTable Clone(int count = Maximum)
    {
        using (_lock.Enter())
        {
            int end = Math.Min(_slots.End(), count);
            int capacity = Math.Max(SmallestTable, (int)BitOperations.RoundUpToPowerOf2((uint)end));
            var slots = new DescriptorSlots(capacity);
            var table = new FileTable(slots);
            for (int descriptor = 0; descriptor < end; descriptor++)
            {
                if (_slots.Files[descriptor] is { } file)
                {
                    file.AddReference();
                    slots.Files[descriptor] = file;
                    slots.Take(descriptor);
                    slots.SetCloseOnExec(descriptor, _slots.ClosesOnExec(descriptor));
                }
            }

            return table;
        }
    }

    /// <summary>A task gives the table up; with the last one all files are closed.</summary>
    [MightSleep]
    public override void Release(TaskStruct task)
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            CloseRange(0, Maximum);
        }
    }

    [RequiresLock(nameof(_lock))]
    private OpenFile? TakeOut(int descriptor)
    {
        if ((uint)descriptor >= (uint)_slots.Capacity || _slots.Files[descriptor] is not { } file)
        {
            return null;
        }

        Volatile.Write(ref _slots.Files[descriptor], null);
        Free(descriptor);
        return file;
    }

    [RequiresLock(nameof(_lock))]
    private void Free(int descriptor)
    {
        _slots.Free(descriptor);
        _slots.SetCloseOnExec(descriptor, false);
        _lowestFree = Math.Min(_lowestFree, descriptor);
    }

    [RequiresLock(nameof(_lock))]
    private void Grow(int needed)
    {
        var larger = new DescriptorSlots((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, SmallestTable)));
        larger.CopyFrom(_slots, _slots.Capacity);

        // Readers that still look into the old arrays look again afterwards.
        Volatile.Write(ref _slots, larger);
    }

    [MightSleep]
    private Errno CloseFile(OpenFile file)
    {
        if (file.FirstDirectoryWatch is not null)
        {
            DirectoryWatch.Release(file, this);
        }

        RecordLocks.ReleaseOwner(file, this);
        Errno error = file.Flush();
        file.Release();
        return error;
    }
}
