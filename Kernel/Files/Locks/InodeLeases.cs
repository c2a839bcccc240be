using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Locks;

/// <summary>
/// The leases on one inode. Who opens the file counts himself first and asks for leases after (<see cref="Naming.Inode.AddUser"/>, <see cref="Break"/>); who sets one enters it first and looks at the counts
/// after. So one of the two sees the other. Task context.
/// </summary>
internal sealed class InodeLeases
{
    private static readonly LockClass s_class = LockClasses.Register("file leases");

    private readonly Mutex _lock = new("file leases", s_class);
    private readonly WaitQueue _waiters = new("lease_break");

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private FileLease[] _leases = [];

    // How often a lease was changed: who waits looks again when it does.
    [Atomic]
    private uint _changes;

    /// <summary>There are leases. Any context.</summary>
    public bool Any => Volatile.Read(ref _leases).Length != 0;

    /// <summary>The leases now, for /proc/locks.</summary>
    public FileLease[] All => Volatile.Read(ref _leases);

    /// <summary>What a lease shall be.</summary>
    /// <returns>Somebody waits for that.</returns>
    [MightSleep]
    public bool Describe(FileLease lease, out FileLockAccess access)
    {
        using (_lock.Enter())
        {
            access = lease.Wanted;
            return lease.Wanted != lease.Access;
        }
    }

    /// <summary>What a lease is now, or is to become (F_GETLEASE).</summary>
    [MightSleep]
    public FileLockAccess Get(OpenFile file)
    {
        using (_lock.Enter())
        {
            Expire();
            return Find(file)?.Wanted ?? FileLockAccess.None;
        }
    }

    /// <summary>Sets, changes or ends a lease (F_SETLEASE).</summary>
    /// <param name="file">The holder.</param>
    /// <param name="process">Who sets it.</param>
    /// <param name="descriptor">What the signal shall name.</param>
    /// <param name="access">What kind; none: ends it.</param>
    /// <returns>EAGAIN: the file is open in a way that conflicts; there is no lease to end.</returns>
    [MightSleep]
    public Errno Set(OpenFile file, int process, int descriptor, FileLockAccess access)
    {
        using (_lock.Enter())
        {
            Expire();
            FileLease? own = Find(file);
            if (access == FileLockAccess.None)
            {
                return own is not null && TakeOut(own) ? Errno.Ok : Errno.EAGAIN;
            }

            if (!file.Inode.AllowsLease(file, access))
            {
                return Errno.EAGAIN;
            }

            foreach (FileLease other in _leases)
            {
                // None alone beside another, and none at all while somebody waits to write.
                if (!ReferenceEquals(other, own) && (access == FileLockAccess.Write || other.Wanted == FileLockAccess.None))
                {
                    return Errno.EAGAIN;
                }
            }

            if (own is not null)
            {
                own.Access = access;
                own.Wanted = access;
                NoteChange();
                return Errno.Ok;
            }

            var lease = new FileLease(file, process, descriptor) { Access = access, Wanted = access };
            Volatile.Write(ref _leases, [.. _leases, lease]);

            // Pairs with who opens: he counts himself, and looks for leases after.
            Interlocked.MemoryBarrier();
            if (!file.Inode.AllowsLease(file, access))
            {
                TakeOut(lease);
                return Errno.EAGAIN;
            }

            return Errno.Ok;
        }
    }

    /// <summary>The holder is closed for good.</summary>
    [MightSleep]
    public void Release(OpenFile file)
    {
        using (_lock.Enter())
        {
            if (Find(file) is { } lease)
            {
                TakeOut(lease);
            }
        }
    }

    /// <summary>Somebody opens the file: tells the holders of leases that conflict, and waits until they have given them up, or their time is over.</summary>
    /// <param name="forWrite">To write to it; else only to read.</param>
    /// <param name="waits">Waits.</param>
    /// <returns>EAGAIN: it would wait; ERESTARTSYS.</returns>
    [MightSleep]
    public Errno Break(bool forWrite, bool waits)
    {
        while (true)
        {
            uint seen = Volatile.Read(ref _changes);
            ulong deadline = Scheduler.Never;
            bool conflicts = false;
            using (_lock.Enter())
            {
                Expire();
                foreach (FileLease lease in _leases)
                {
                    if (!forWrite && lease.Access != FileLockAccess.Write)
                    {
                        continue;
                    }

                    conflicts = true;
                    FileLockAccess wanted = forWrite ? FileLockAccess.None : FileLockAccess.Read;
                    if (lease.Wanted > wanted)
                    {
                        // Who waited for less has set the time.
                        if (lease.Wanted == lease.Access)
                        {
                            lease.Deadline = FileLeases.BreakTime == 0 ? Scheduler.Never : Clock.MonotonicNanoseconds + ((ulong)FileLeases.BreakTime * 1_000_000_000);
                        }

                        lease.Wanted = wanted;
                        lease.File.SignalOwner(SignalCode.POLL_MSG, lease.Descriptor);
                    }

                    deadline = lease.Deadline < deadline ? lease.Deadline : deadline;
                }
            }

            if (!conflicts)
            {
                return Errno.Ok;
            }

            if (!waits)
            {
                return Errno.EAGAIN;
            }

            if (!Await(seen, deadline))
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    // Until a lease is changed, or the time is over.
    [MightSleep]
    private bool Await(uint seen, ulong deadline)
    {
        using WaitQueue.Wait wait = _waiters.Begin(deadline);
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref _changes) != seen)
            {
                return true;
            }

            WaitResult result = wait.Sleep();
            if (result != WaitResult.Woken)
            {
                return result == WaitResult.TimedOut;
            }
        }
    }

    // Leases whose holders have not answered in time become what is wanted.
    [RequiresLock(nameof(_lock))]
    private void Expire()
    {
        ulong now = _leases.Length == 0 ? 0 : Clock.MonotonicNanoseconds;
        foreach (FileLease lease in _leases)
        {
            if (lease.Wanted == lease.Access || lease.Deadline > now)
            {
                continue;
            }

            if (lease.Wanted == FileLockAccess.None)
            {
                TakeOut(lease);
            }
            else
            {
                lease.Access = lease.Wanted;
                NoteChange();
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    private FileLease? Find(OpenFile file)
    {
        foreach (FileLease lease in _leases)
        {
            if (ReferenceEquals(lease.File, file))
            {
                return lease;
            }
        }

        return null;
    }

    [RequiresLock(nameof(_lock))]
    private bool TakeOut(FileLease lease)
    {
        var left = new List<FileLease>(_leases);
        left.Remove(lease);
        Volatile.Write(ref _leases, [.. left]);
        NoteChange();
        return true;
    }

    private void NoteChange()
    {
        Interlocked.Increment(ref _changes);
        _waiters.WakeAll();
    }
}
