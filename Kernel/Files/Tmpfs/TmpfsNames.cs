using System;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>
/// The names of a directory: by hash, and in the order in which they were made, so that reading a directory goes on at the right place whatever is made and removed meanwhile. No lock of its own.
/// </summary>
[Owned]
[RequiresLock(typeof(TmpfsDirectory), "_lock")]
internal sealed class TmpfsNames
{
    private const int Smallest = 8;

    // Positions 0 and 1 are . and ..
    private long _nextCookie = 2;
    private TmpfsName?[] _chains = new TmpfsName?[Smallest];
    private TmpfsName[] _order = new TmpfsName[Smallest];

    // Used places of _order, removed names included.
    private int _used;

    public int Count { get; private set; }

    public TmpfsName? Find(ReadOnlySpan<byte> name)
    {
        uint hash = NameHash.Of(name);
        TmpfsName? at = _chains[hash & (uint)(_chains.Length - 1)];
        while (at is not null && (at.Hash != hash || !name.SequenceEqual(at.Name)))
        {
            at = at.Next;
        }

        return at;
    }

    public void Add(ReadOnlySpan<byte> name, Inode inode)
    {
        // All that may fail for want of memory comes first.
        var added = new TmpfsName(name.ToArray(), NameHash.Of(name), inode, _nextCookie);
        if (Count >= _chains.Length * 2)
        {
            GrowChains();
        }

        if (_used == _order.Length)
        {
            Compact(Count >= _order.Length / 2 ? _order.Length * 2 : _order.Length);
        }

        _nextCookie++;
        Count++;
        _order[_used++] = added;
        Link(_chains, added);
    }

    public void Remove(TmpfsName name)
    {
        ref TmpfsName? chain = ref _chains[name.Hash & (uint)(_chains.Length - 1)];
        if (ReferenceEquals(chain, name))
        {
            chain = name.Next;
        }
        else
        {
            TmpfsName before = chain!;
            while (!ReferenceEquals(before.Next, name))
            {
                before = before.Next!;
            }

            before.Next = name.Next;
        }

        name.IsRemoved = true;
        Count--;
    }

    /// <summary>The first name at a position or after it.</summary>
    public TmpfsName? AtOrAfter(long cookie)
    {
        int low = 0;
        int high = _used;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_order[middle].Cookie < cookie)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        while (low < _used && _order[low].IsRemoved)
        {
            low++;
        }

        return low < _used ? _order[low] : null;
    }

    private static void Link(TmpfsName?[] chains, TmpfsName name)
    {
        ref TmpfsName? chain = ref chains[name.Hash & (uint)(chains.Length - 1)];
        name.Next = chain;
        chain = name;
    }

    private void GrowChains()
    {
        var chains = new TmpfsName?[_chains.Length * 4];
        for (int i = 0; i < _used; i++)
        {
            if (!_order[i].IsRemoved)
            {
                Link(chains, _order[i]);
            }
        }

        _chains = chains;
    }

    private void Compact(int capacity)
    {
        var order = new TmpfsName[capacity];
        int count = 0;
        for (int i = 0; i < _used; i++)
        {
            if (!_order[i].IsRemoved)
            {
                order[count++] = _order[i];
            }
        }

        _order = order;
        _used = count;
    }
}
