using System.Numerics;
using System.Runtime.InteropServices;

namespace CosmosKernel.Memory.Slabs;

/// <summary>
/// A run of frames cut into objects of one size. The header lies behind the objects, so objects whose size is a power of two are aligned to their size.
/// One bit an object tells whether it is free, so a double release is seen. Guarded by the cache's lock.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct Slab
{
    /// <summary>Bytes of the header.</summary>
    public const int Bytes = 64;

    /// <summary>Most objects in a slab.</summary>
    public const int MostObjects = 256;

    /// <summary>The cache that it belongs to. Constant.</summary>
    public SlabCache* Cache;

    /// <summary>Neighbour in the cache's list.</summary>
    public Slab* Next;

    /// <summary>Neighbour in the cache's list.</summary>
    public Slab* Previous;

    /// <summary>Objects that are not taken.</summary>
    public ushort FreeCount;

    private fixed ulong _free[MostObjects / 64];

    /// <summary>Makes all objects free.</summary>
    public void Initialize(SlabCache* cache, int objects)
    {
        Cache = cache;
        Next = null;
        Previous = null;
        FreeCount = (ushort)objects;
        for (int i = 0; i < MostObjects / 64; i++)
        {
            int left = objects - (i * 64);
            _free[i] = left >= 64 ? ulong.MaxValue : left > 0 ? (1ul << left) - 1 : 0;
        }
    }

    /// <summary>Takes a free object; there is one.</summary>
    /// <returns>Its number.</returns>
    public int Take()
    {
        int word = 0;
        while (_free[word] == 0)
        {
            word++;
        }

        int bit = BitOperations.TrailingZeroCount(_free[word]);
        _free[word] &= _free[word] - 1;
        FreeCount--;
        return (word * 64) + bit;
    }

    /// <summary>Gives an object back; false when it is free already.</summary>
    public bool TryGive(uint index)
    {
        ulong bit = 1ul << (int)(index & 63);
        if ((_free[index >> 6] & bit) != 0)
        {
            return false;
        }

        _free[index >> 6] |= bit;
        FreeCount++;
        return true;
    }
}
