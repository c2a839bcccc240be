using System;
using System.Buffers.Binary;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Input;

/// <summary>A fixed number of bits, as EVIOCGBIT and its relatives show them. Not synchronized. Nothing but the constructor allocates; a bit outside is not set, and cannot be.</summary>
/// <param name="count">Number of bits, 0 and up.</param>
[Owned]
[NoAllocation]
public sealed class InputBits(int count)
{
    private readonly ulong[] _words = new ulong[(count + 63) / 64];

    /// <summary>Number of bits.</summary>
    public int Count { get; } = count;

    /// <summary>Number of bytes that <see cref="CopyTo"/> gives: whole 64-bit words, as Linux's bitmaps.</summary>
    public int Bytes => _words.Length * sizeof(ulong);

    /// <summary>Whether no bit is set.</summary>
    public bool IsEmpty
    {
        get
        {
            ulong all = 0;
            for (int i = 0; i < _words.Length; i++)
            {
                all |= _words[i];
            }

            return all == 0;
        }
    }

    /// <summary>Whether a bit is set.</summary>
    public bool Has(int bit) => (uint)bit < (uint)Count && (_words[bit >> 6] & (1ul << (bit & 63))) != 0;

    /// <summary>Sets or clears a bit.</summary>
    /// <returns>True when that changed it.</returns>
    public bool Set(int bit, bool value)
    {
        if ((uint)bit >= (uint)Count || Has(bit) == value)
        {
            return false;
        }

        _words[bit >> 6] ^= 1ul << (bit & 63);
        return true;
    }

    /// <summary>Copies the bits as little-endian bytes, as many as there is room for.</summary>
    /// <returns>How many bytes were written.</returns>
    public int CopyTo(Span<byte> bytes)
    {
        int length = Math.Min(bytes.Length, Bytes);
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int at = 0; at < length; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, _words[at / sizeof(ulong)]);
            word[..Math.Min(sizeof(ulong), length - at)].CopyTo(bytes[at..]);
        }

        return length;
    }

    /// <summary>A 64-bit word, for reports; 0 outside.</summary>
    public ulong Word(int index) => (uint)index < (uint)_words.Length ? _words[index] : 0;
}
