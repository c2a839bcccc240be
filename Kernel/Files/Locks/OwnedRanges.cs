using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Locks;

/// <summary>The range locks that one owner has on one file: they never overlap, neighbours of the same kind are one, and they stand in the order of their bytes, so that a search looks at log n of them. No lock of its own.</summary>
[Owned]
internal sealed class OwnedRanges(object owner)
{
    // A change leaves at most three locks where others were: what is left before it, the new one, and what is left behind it.
    private const int MostLeft = 3;
    private const int FewestKept = 4;

    private RangeLock[] _locks = [];
    private int _count;

    /// <summary>Whose they are.</summary>
    public object Owner { get; } = owner;

    /// <summary>All, by their first byte.</summary>
    public ReadOnlySpan<RangeLock> All => _locks.AsSpan(0, _count);

    /// <summary>The first lock that keeps another owner from one.</summary>
    public RangeLock? FindConflict(FileLockAccess access, long start, long end)
    {
        for (int i = FirstNotBefore(start); i < _count && _locks[i].Start <= end; i++)
        {
            if (_locks[i].Conflicts(access, start, end))
            {
                return _locks[i];
            }
        }

        return null;
    }

    /// <summary>Locks or unlocks a range; what was there before is replaced. All memory that is needed is taken before anything changes.</summary>
    /// <exception cref="OutOfMemoryException">Nothing has changed.</exception>
    public void Set(int process, FileLockAccess access, long start, long end)
    {
        // Neighbours count: they may become a part of the new one.
        int first = FirstNotBefore(start == 0 ? 0 : start - 1);
        int last = first;
        long behind = end == long.MaxValue ? end : end + 1;
        while (last < _count && _locks[last].Start <= behind)
        {
            last++;
        }

        Replacement replacement = default;
        int count = Compose(replacement, _locks.AsSpan(first, last - first), process, access, start, end);
        Replace(first, last - first, ((ReadOnlySpan<RangeLock>)replacement)[..count]);
    }

    // What is to stand where the locks from before the range to behind it stood.
    private int Compose(Span<RangeLock> to, ReadOnlySpan<RangeLock> old, int process, FileLockAccess access, long start, long end)
    {
        int count = 0;
        long newStart = start;
        long newEnd = end;
        RangeLock? rest = null;
        foreach (ref readonly RangeLock one in old)
        {
            if (access != FileLockAccess.None && one.Access == access)
            {
                newStart = Math.Min(newStart, one.Start);
                newEnd = Math.Max(newEnd, one.End);
                continue;
            }

            if (one.Start < start)
            {
                to[count] = one with { End = Math.Min(one.End, start - 1) };
                count++;
            }

            if (one.End > end)
            {
                rest = one with { Start = Math.Max(one.Start, end + 1) };
            }
        }

        if (access != FileLockAccess.None)
        {
            to[count] = new RangeLock(Owner, process, access, newStart, newEnd);
            count++;
        }

        if (rest is { } kept)
        {
            to[count] = kept;
            count++;
        }

        return count;
    }

    private void Replace(int at, int removed, ReadOnlySpan<RangeLock> added)
    {
        int count = _count - removed + added.Length;
        if (count > _locks.Length)
        {
            Array.Resize(ref _locks, Math.Max(FewestKept, Math.Max(count, _locks.Length * 2)));
        }

        _locks.AsSpan(at + removed, _count - at - removed).CopyTo(_locks.AsSpan(at + added.Length));
        added.CopyTo(_locks.AsSpan(at));
        if (count < _count)
        {
            _locks.AsSpan(count, _count - count).Clear();
        }

        _count = count;
    }

    // The first whose last byte is not before one: locks do not overlap, so they stand in the order of their last bytes, too.
    private int FirstNotBefore(long at)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_locks[middle].End < at)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    [InlineArray(MostLeft)]
    private struct Replacement
    {
        private RangeLock _first;
    }
}
