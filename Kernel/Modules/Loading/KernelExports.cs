using System;
using System.Buffers.Binary;

namespace CosmosKernel.Modules.Loading;

/// <summary>The table <c>.kexports</c> of a loadable kernel (docs/module-loading.md has its form).</summary>
internal readonly ref struct KernelExports
{
    private const int HeaderLength = 40;
    private const uint Magic = 0x5058_454B;
    private const uint Version = 1;

    private readonly ReadOnlySpan<byte> _hashes;
    private readonly ReadOnlySpan<byte> _values;
    private readonly ulong _base;

    private KernelExports(ReadOnlySpan<byte> hashes, ReadOnlySpan<byte> values, ReadOnlySpan<byte> information, ulong start)
    {
        _hashes = hashes;
        _values = values;
        _base = start;
        Information = information;
    }

    /// <summary>Number of symbols.</summary>
    public int Count => _values.Length / sizeof(uint);

    /// <summary>What the kernel says of itself, in the form of <c>.modinfo</c>.</summary>
    public ReadOnlySpan<byte> Information { get; }

    /// <summary>Reads the table.</summary>
    /// <returns>False when there is none, or it is damaged.</returns>
    public static bool TryRead(ReadOnlySpan<byte> table, out KernelExports exports)
    {
        exports = default;
        if (table.Length < HeaderLength || U32(table, 0) != Magic || U32(table, 4) != Version || U32(table, 8) > table.Length)
        {
            return false;
        }

        table = table[..(int)U32(table, 8)];
        if (table.Length < HeaderLength)
        {
            return false;
        }

        uint count = U32(table, 12);
        if (!TrySlice(table, U32(table, 24), (ulong)count * sizeof(ulong), out ReadOnlySpan<byte> hashes)
            || !TrySlice(table, U32(table, 28), (ulong)count * sizeof(uint), out ReadOnlySpan<byte> values)
            || !TrySlice(table, U32(table, 32), U32(table, 36), out ReadOnlySpan<byte> information))
        {
            return false;
        }

        exports = new KernelExports(hashes, values, information, BinaryPrimitives.ReadUInt64LittleEndian(table[16..]));
        return true;
    }

    /// <summary>Finds the address of a symbol by the hash of its name (<see cref="ExportTable.Hash"/>).</summary>
    public bool TryFind(ulong hash, out ulong address)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (BinaryPrimitives.ReadUInt64LittleEndian(_hashes[(middle * sizeof(ulong))..]) < hash)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        bool found = low < Count && BinaryPrimitives.ReadUInt64LittleEndian(_hashes[(low * sizeof(ulong))..]) == hash;
        address = found ? _base + U32(_values, low * sizeof(uint)) : 0;
        return found;
    }

    private static bool TrySlice(ReadOnlySpan<byte> table, uint offset, ulong length, out ReadOnlySpan<byte> slice)
    {
        bool inside = offset <= table.Length && length <= (ulong)table.Length - offset;
        slice = inside ? table.Slice((int)offset, (int)length) : default;
        return inside;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
