using System;
using System.Buffers.Binary;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Loading;

/// <summary>The auxiliary vector (getauxval(3)): pairs of a type and a value that the kernel tells the program.</summary>
[TaskPrivate]
public sealed class AuxiliaryVector
{
    // As many as Linux has place for in a process.
    private const int MostEntries = 32;
    private const int EntryBytes = 2 * sizeof(ulong);

    private readonly byte[] _bytes = new byte[MostEntries * EntryBytes];
    private int _used;

    /// <summary>The entries so far, and one of type AT_NULL.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _used + EntryBytes);

    /// <summary>Adds an entry.</summary>
    public void Add(AuxiliaryType type, ulong value)
    {
        Span<byte> entry = _bytes.AsSpan(_used, EntryBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, (ulong)type);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[sizeof(ulong)..], value);
        _used += EntryBytes;
    }
}
