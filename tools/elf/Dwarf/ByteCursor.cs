using System;
using System.Buffers.Binary;
using System.Text;

namespace CosmosKernel.Tools.Elf.Dwarf;

/// <summary>Reads DWARF's encodings off a span; reading past the end throws <see cref="ElfFormatException"/>.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> data, string what)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _what = what;

    /// <summary>Offset of the next byte to read.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _data.Length;

    public void Seek(int position)
    {
        if ((uint)position > (uint)_data.Length)
        {
            throw Truncated();
        }

        Position = position;
    }

    public void Skip(ulong count)
    {
        if (count > (ulong)(_data.Length - Position))
        {
            throw Truncated();
        }

        Position += (int)count;
    }

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ulong ReadOffset(bool wide) => wide ? ReadUInt64() : ReadUInt32();

    public ulong ReadUleb()
    {
        ulong value = 0;
        int shift = 0;
        byte next;
        do
        {
            next = ReadByte();
            if (shift < 64)
            {
                value |= (ulong)(next & 0x7F) << shift;
            }

            shift += 7;
        }
        while ((next & 0x80) != 0);
        return value;
    }

    public long ReadSleb()
    {
        long value = 0;
        int shift = 0;
        byte next;
        do
        {
            next = ReadByte();
            if (shift < 64)
            {
                value |= (long)(next & 0x7F) << shift;
            }

            shift += 7;
        }
        while ((next & 0x80) != 0);
        return shift < 64 && (next & 0x40) != 0 ? value | (-1L << shift) : value;
    }

    public string ReadString()
    {
        ReadOnlySpan<byte> rest = _data[Position..];
        int end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw Truncated();
        }

        Position += end + 1;
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _data.Length - Position)
        {
            throw Truncated();
        }

        ReadOnlySpan<byte> result = _data.Slice(Position, count);
        Position += count;
        return result;
    }

    private readonly ElfFormatException Truncated() => new($"{_what}: ends in the middle of an entry (offset {Position} of {_data.Length})");
}
