using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Serial;

/// <summary>Bytes on the way to the transmitter. Not synchronized: the owner's lock guards it. Nothing allocates but the constructor.</summary>
/// <param name="capacity">Bytes, a power of two.</param>
[NoAllocation]
[Owned]
internal sealed class TransmitRing(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];

    // Both count up for ever and wrap; their difference is the number of bytes.
    private uint _head;
    private uint _tail;

    /// <summary>Bytes in it.</summary>
    public int Count => (int)(_head - _tail);

    /// <summary>Bytes for which there is room.</summary>
    public int Free => _bytes.Length - Count;

    /// <summary>Puts as much text in as there is room for; a line feed becomes carriage return and line feed.</summary>
    /// <param name="text">The text.</param>
    /// <returns>How many bytes of the text are in.</returns>
    public int Put(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bool isLineEnd = text[i] == (byte)'\n';
            if (Free < (isLineEnd ? 2 : 1))
            {
                return i;
            }

            if (isLineEnd)
            {
                Add((byte)'\r');
            }

            Add(text[i]);
        }

        return text.Length;
    }

    /// <summary>Takes the oldest byte; false when there is none.</summary>
    public bool TryTake(out byte value)
    {
        bool any = _head != _tail;
        value = any ? _bytes[(int)(_tail & (uint)(_bytes.Length - 1))] : (byte)0;
        _tail += any ? 1u : 0;
        return any;
    }

    /// <summary>Forgets everything; returns how many bytes that were.</summary>
    public int Clear()
    {
        int count = Count;
        _tail = _head;
        return count;
    }

    private void Add(byte value) => _bytes[(int)(_head++ & (uint)(_bytes.Length - 1))] = value;
}
