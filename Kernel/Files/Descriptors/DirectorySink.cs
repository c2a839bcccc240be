using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Descriptors;

/// <summary>Where getdents64(2) and getdents(2) put entries: records of linux_dirent64 or linux_dirent, one after the other.</summary>
public ref struct DirectorySink
{
    private const int LongestRecord = 24 + PathLimits.NameMaximum + 8;

    private readonly bool _isOld;
    private DataSink _to;

    /// <summary>Makes a sink.</summary>
    /// <param name="to">Where records go.</param>
    /// <param name="isOld">The records of getdents(2), whose type stands at their end.</param>
    public DirectorySink(DataSink to, bool isOld = false)
    {
        _to = to;
        _isOld = isOld;
    }

    /// <summary>Bytes of records so far.</summary>
    public long Written { get; private set; }

    /// <summary>An entry did not fit.</summary>
    public bool IsFull { get; private set; }

    /// <summary>A record could not be written: EFAULT.</summary>
    public bool Faulted { get; private set; }

    /// <summary>Adds an entry.</summary>
    /// <param name="name">1 to 255 bytes.</param>
    /// <param name="inode">Its inode number.</param>
    /// <param name="type">d_type: <see cref="FileMode.DirectoryType"/> of the mode; 0 unknown.</param>
    /// <param name="next">The position behind this entry.</param>
    /// <returns>False when it did not fit: the directory stops, and stays at this entry.</returns>
    [MightSleep]
    public bool Add(scoped ReadOnlySpan<byte> name, ulong inode, byte type, long next)
    {
        int header = _isOld ? 18 : 19;
        int length = (header + name.Length + (_isOld ? 2 : 1) + 7) & ~7;
        if (length > _to.Remaining)
        {
            IsFull = true;
            return false;
        }

        Span<byte> record = stackalloc byte[LongestRecord];
        record = record[..length];
        record.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, inode);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(record[16..], (ushort)length);
        record[_isOld ? length - 1 : 18] = type;
        name.CopyTo(record[header..]);
        if (_to.Write(record) != length)
        {
            Faulted = true;
            return false;
        }

        Written += length;
        return true;
    }
}
