using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>Bytes on their way. Not synchronized: the owner's lock guards it. Nothing allocates but the constructor.</summary>
/// <param name="capacity">Bytes, a power of two.</param>
[NoAllocation]
[Owned]
internal sealed class ByteRing(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];

    // Both count up for ever and wrap; their difference is the number of bytes.
    private uint _head;
    private uint _tail;

    /// <summary>Bytes in it.</summary>
    public int Count => (int)(_head - _tail);

    /// <summary>Bytes for which there is room.</summary>
    public int Free => _bytes.Length - Count;

    /// <summary>Puts as many in as there is room for, and returns how many.</summary>
    public int Put(ReadOnlySpan<byte> from)
    {
        int count = Math.Min(from.Length, Free);
        for (int i = 0; i < count; i++)
        {
            TryPut(from[i]);
        }

        return count;
    }

    /// <summary>Puts one in; false when there is no room.</summary>
    public bool TryPut(byte value)
    {
        bool fits = Free > 0;
        if (fits)
        {
            _bytes[(int)(_head++ & (uint)(_bytes.Length - 1))] = value;
        }

        return fits;
    }

    /// <summary>Takes the oldest byte; false when there is none.</summary>
    public bool TryTake(out byte value)
    {
        bool any = _head != _tail;
        value = any ? _bytes[(int)(_tail & (uint)(_bytes.Length - 1))] : (byte)0;
        _tail += any ? 1u : 0;
        return any;
    }

    /// <summary>Takes as many as there are and fit, and returns how many.</summary>
    public int Take(Span<byte> to)
    {
        int count = 0;
        while (count < to.Length && TryTake(out to[count]))
        {
            count++;
        }

        return count;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _tail = _head;
}
