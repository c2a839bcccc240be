using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

// What is counted, and the limits that hold for it.
public sealed partial class AddressSpace
{
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _totalPages;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _dataPages;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _codePages;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _stackPages;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _lockedPages;

    // Highest values so far.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _peakTotal;

    [Atomic]
    private long _peakResident;

    // What mlockall(2) with MCL_FUTURE gives to new areas.
    [GuardedBy(nameof(_lock))]
    private AreaFlags _futureFlags;

    /// <summary>Pages that are in memory. A snapshot.</summary>
    public ulong ResidentPages =>
        _pages.CountOf(UserPageKind.Anonymous) + _pages.CountOf(UserPageKind.File) + _pages.CountOf(UserPageKind.SharedMemory);

    /// <summary>The counts of /proc/PID/status and statm. A snapshot: each number for itself. Any context.</summary>
    public MemoryUse Use
    {
        get
        {
            ulong total = Volatile.Read(ref _totalPages);
            ulong resident = ResidentPages;
            ulong peak = (ulong)Volatile.Read(ref _peakResident);
            return new MemoryUse(
                total,
                Volatile.Read(ref _peakTotal),
                resident,
                resident > peak ? resident : peak,
                _pages.CountOf(UserPageKind.Anonymous),
                _pages.CountOf(UserPageKind.File),
                _pages.CountOf(UserPageKind.SharedMemory),
                Volatile.Read(ref _dataPages),
                Volatile.Read(ref _stackPages),
                Volatile.Read(ref _codePages),
                Volatile.Read(ref _lockedPages),
                _pages.TableBytes);
        }
    }

    [RequiresLock(nameof(_lock))]
    private void Count(MemoryArea area, ulong pages, bool add) => Count(area.Protection, area.Flags, pages, add);

    [RequiresLock(nameof(_lock))]
    private void Count(MemoryProtection protection, AreaFlags flags, ulong pages, bool add)
    {
        ulong change = add ? pages : unchecked(0 - pages);
        Volatile.Write(ref _totalPages, unchecked(_totalPages + change));
        if ((flags & AreaFlags.GrowsDown) != 0)
        {
            Volatile.Write(ref _stackPages, unchecked(_stackPages + change));
        }
        else if (MemoryArea.IsDataOf(protection, flags))
        {
            Volatile.Write(ref _dataPages, unchecked(_dataPages + change));
        }
        else if ((protection & (MemoryProtection.Execute | MemoryProtection.Write)) == MemoryProtection.Execute)
        {
            Volatile.Write(ref _codePages, unchecked(_codePages + change));
        }

        if ((flags & AreaFlags.Locked) != 0)
        {
            Volatile.Write(ref _lockedPages, unchecked(_lockedPages + change));
        }

        if (_totalPages > _peakTotal)
        {
            Volatile.Write(ref _peakTotal, _totalPages);
        }
    }

    // Private memory that may be written is promised, unless the mapping said that it need not be.
    private static bool IsCommitted(MemoryProtection protection, AreaFlags flags) =>
        (protection & MemoryProtection.Write) != 0
        && (flags & AreaFlags.Shared) == 0
        && ((flags & AreaFlags.NoReserve) == 0 || CommittedMemory.Policy == OvercommitPolicy.Never);

    private static void Uncommit(MemoryArea area, ulong pages)
    {
        if ((area.Flags & AreaFlags.Committed) != 0)
        {
            CommittedMemory.Uncharge(pages);
        }
    }

    // RLIMIT_AS and RLIMIT_DATA.
    [RequiresLock(nameof(_lock))]
    private bool MayGrow(in MemoryLimits limits, ulong pages, bool isData) =>
        _totalPages + pages <= limits.AddressSpace >> PageShift
        && (!isData || _dataPages + pages <= limits.Data >> PageShift);

    // RLIMIT_MEMLOCK.
    [RequiresLock(nameof(_lock))]
    private bool MayLock(in MemoryLimits limits, ulong pages) =>
        limits.MayLockAny || _lockedPages + pages <= limits.Locked >> PageShift;

    // Before pages go: keeps the highest count.
    private void NotePeaks()
    {
        long resident = (long)ResidentPages;
        long peak = Volatile.Read(ref _peakResident);
        while (resident > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peakResident, resident, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }
}
