using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Shared memory of System V (shmget(2), shmat(2), shmctl(2)). Task context. Results are 0 and more, or a negative errno.</summary>
public static class SharedMemory
{
    // Who made which segments. Taken before the table's lock.
    private static readonly Mutex s_makersLock = new("makers of shared memory");

    [Atomic]
    private static ulong s_pages;

    /// <summary>All segments.</summary>
    internal static IpcTable<SharedMemorySegment> Table { get; } = new("shared memory segments");

    /// <summary>Pages of all segments, in memory or not. A snapshot.</summary>
    internal static ulong Pages => Volatile.Read(ref s_pages);

    /// <summary>The greatest index in use, 0 for none: what IPC_INFO returns.</summary>
    public static int GreatestIndex
    {
        [MightSleep]
        get => Table.GreatestIndex;
    }

    /// <summary>Finds or makes a segment (shmget(2)).</summary>
    [MightSleep]
    public static long Get(UserThread thread, int key, ulong bytes, int flags)
    {
        using (s_makersLock.Enter())
        {
            long id = Table.Get<SharedMemoryRequest>(new SharedMemoryRequest(thread, key, bytes, flags), out SharedMemorySegment? segment);
            if (segment is not null)
            {
                NoteMaker(thread, segment);
            }

            return id;
        }
    }

    /// <summary>Attaches a segment to the caller's memory (shmat(2)).</summary>
    /// <returns>The address.</returns>
    [MightSleep]
    public static long Attach(UserThread thread, int id, ulong address, int flags)
    {
        const uint Read = 0x124;
        const uint Write = 0x92;
        const uint Execute = 0x49;
        bool remaps = (flags & SharedMemoryConstants.SHM_REMAP) != 0;
        if (id < 0 || !TryRound(ref address, flags) || (address == 0 && remaps))
        {
            return -(long)Errno.EINVAL;
        }

        bool isReadOnly = (flags & SharedMemoryConstants.SHM_RDONLY) != 0;
        MemoryProtection protection = isReadOnly ? MemoryProtection.Read : MemoryProtection.Read | MemoryProtection.Write;
        uint wanted = isReadOnly ? Read : Read | Write;
        if ((flags & SharedMemoryConstants.SHM_EXEC) != 0)
        {
            protection |= MemoryProtection.Execute;
            wanted |= Execute;
        }

        if (Table.Find(id) is not { } segment)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = segment.TryHold(thread.Credentials, wanted);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        MapFlags how = MapFlags.Shared | (address == 0 ? 0 : remaps ? MapFlags.Fixed : MapFlags.FixedNoReplace);
        MemoryProtection may = isReadOnly ? MemoryProtection.All & ~MemoryProtection.Write : MemoryProtection.All;
        try
        {
            long result = thread.Memory!.Map(address, segment.Pages.Size, protection, how, new MappingSource(segment.Pages, 0, may));
            return result == -(long)Errno.EEXIST ? -(long)Errno.EINVAL : result;
        }
        finally
        {
            if (segment.Detach(isMapping: false))
            {
                Destroy(segment);
            }
        }
    }

    /// <summary>Marks a segment for removal (IPC_RMID).</summary>
    [MightSleep]
    public static long Remove(UserThread thread, int id)
    {
        if (Table.Find(id) is not { } segment)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = segment.Remove(thread.Credentials, out bool isNow);
        if (isNow)
        {
            Destroy(segment);
        }
        else if (error == Errno.Ok)
        {
            Table.Hide(segment);
        }

        return -(long)error;
    }

    /// <summary>Sets owner and permissions (IPC_SET).</summary>
    [MightSleep]
    public static long Set(UserThread thread, int id, in IpcPermission permission) =>
        Table.Find(id) is { } segment ? -(long)segment.Set(thread.Credentials, permission) : -(long)Errno.EINVAL;

    /// <summary>Describes a segment (IPC_STAT, SHM_STAT, SHM_STAT_ANY).</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="id">The id or, with <paramref name="byIndex"/>, the index.</param>
    /// <param name="byIndex">It is an index: the result is the id.</param>
    /// <param name="description">The description.</param>
    [MightSleep]
    public static long Describe(Credentials? who, int id, bool byIndex, out SharedMemoryDescription description)
    {
        description = default;
        if ((byIndex ? Table.At(id) : Table.Find(id)) is not { } segment)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = segment.Describe(who, out description);
        return error != Errno.Ok ? -(long)error : byIndex ? segment.Id : 0;
    }

    /// <summary>Locks the pages of a segment, or ends that (SHM_LOCK, SHM_UNLOCK).</summary>
    [MightSleep]
    public static long SetLocked(UserThread thread, int id, bool locked)
    {
        if (Table.Find(id) is not { } segment)
        {
            return -(long)Errno.EINVAL;
        }

        return -(long)(locked
            ? segment.LockPages(thread.Credentials, thread.Account, thread.Process.Limits.Current(ResourceLimit.RLIMIT_MEMLOCK))
            : segment.UnlockPages(thread.Credentials));
    }

    /// <summary>What all segments use (SHM_INFO).</summary>
    [MightSleep]
    public static SharedMemoryUse ReadUse()
    {
        SharedMemoryUse use = new() { Segments = Table.Count, Pages = Pages };
        for (int index = 0; index < Table.Capacity; index++)
        {
            use.Resident += Table.At(index)?.Pages.ResidentPages ?? 0;
        }

        return use;
    }

    /// <summary>Room for so many pages more, as far as shmall allows.</summary>
    [NoAllocation]
    internal static bool TryCharge(ulong pages)
    {
        ulong before = Volatile.Read(ref s_pages);
        while (before + pages >= before && before + pages <= IpcLimits.SegmentPages)
        {
            ulong seen = Interlocked.CompareExchange(ref s_pages, before + pages, before);
            if (seen == before)
            {
                return true;
            }

            before = seen;
        }

        return false;
    }

    /// <summary>So many pages less.</summary>
    [NoAllocation]
    internal static void Uncharge(ulong pages) => Interlocked.Add(ref s_pages, unchecked(0 - pages));

    /// <summary>A mapping of a segment is gone.</summary>
    [MightSleep]
    internal static void Detached(SharedMemorySegment segment)
    {
        if (segment.Detach(isMapping: true))
        {
            Destroy(segment);
        }
    }

    /// <summary>A thread ends: what it made has no maker any more. With shm_rmid_forced what nobody has attached goes.</summary>
    [MightSleep]
    internal static void LeaveMaker(UserThread thread)
    {
        while (thread.FirstMadeSegment is not null)
        {
            SharedMemorySegment? segment;
            using (s_makersLock.Enter())
            {
                segment = thread.FirstMadeSegment;
                if (segment is not null)
                {
                    ForgetMaker(segment);
                }
            }

            if (segment is not null && IpcLimits.RemovesUnattached && segment.TryEndOrphan())
            {
                Destroy(segment);
            }
        }
    }

    /// <summary>shm_rmid_forced was set: what nobody has attached and whose maker has ended goes.</summary>
    [MightSleep]
    internal static void RemoveOrphans()
    {
        for (int index = 0; index < Table.Capacity; index++)
        {
            if (Table.At(index) is { } segment && !HasMaker(segment) && segment.TryEndOrphan())
            {
                Destroy(segment);
            }
        }
    }

    [MightSleep]
    private static bool HasMaker(SharedMemorySegment segment)
    {
        using (s_makersLock.Enter())
        {
            return segment.Maker is not null;
        }
    }

    private static bool TryRound(ref ulong address, int flags)
    {
        if (!AddressSpace.IsAligned(address))
        {
            if ((flags & SharedMemoryConstants.SHM_RND) == 0)
            {
                return false;
            }

            address = AddressSpace.PageDown(address);
        }

        return true;
    }

    // It is removed, and nothing maps it.
    [MightSleep]
    private static void Destroy(SharedMemorySegment segment)
    {
        using (s_makersLock.Enter())
        {
            ForgetMaker(segment);
        }

        Table.Remove(segment);
        Uncharge(segment.PageCount);
        segment.Pages.Destroy();
    }

    [RequiresLock(nameof(s_makersLock))]
    [MightSleep]
    private static void NoteMaker(UserThread thread, SharedMemorySegment segment)
    {
        segment.Maker = thread;
        segment.PreviousMade = null;
        segment.NextMade = thread.FirstMadeSegment;
        if (thread.FirstMadeSegment is { } first)
        {
            first.PreviousMade = segment;
        }

        thread.FirstMadeSegment = segment;
    }

    [RequiresLock(nameof(s_makersLock))]
    [MightSleep]
    private static void ForgetMaker(SharedMemorySegment segment)
    {
        if (segment.Maker is not { } maker)
        {
            return;
        }

        if (segment.PreviousMade is { } previous)
        {
            previous.NextMade = segment.NextMade;
        }
        else
        {
            maker.FirstMadeSegment = segment.NextMade;
        }

        if (segment.NextMade is { } next)
        {
            next.PreviousMade = segment.PreviousMade;
        }

        segment.Maker = null;
        segment.NextMade = null;
        segment.PreviousMade = null;
    }
}
