using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// The extended attributes of one inode (xattr(7)): names and values. Without a lock: the entries are an array that is never changed, and is replaced as a whole. All members may be called in task
/// context. Rights are not its business: <see cref="Vfs"/> checks them.
/// <para>Limits, those that Linux has for tmpfs: 128 attributes and 128 KiB of names and values for an inode.</para>
/// </summary>
public sealed class ExtendedAttributes
{
    /// <summary>Attributes that an inode may have.</summary>
    public const int CountMaximum = 128;

    /// <summary>Bytes that the names and values of an inode's attributes may have.</summary>
    public const int BytesMaximum = 128 * 1024;

    /// <summary>Where a program's capabilities are (capabilities(7)).</summary>
    public static ReadOnlySpan<byte> FileCapabilityName => "security.capability"u8;

    [Atomic]
    private Entry[] _entries = [];

    // Apart from the others, so that a write to the file can take it away without making anything.
    [Atomic]
    private byte[]? _fileCapability;

    /// <summary>Sets an attribute.</summary>
    /// <param name="name">1 to 255 bytes.</param>
    /// <param name="value">Its value, which becomes this object's.</param>
    /// <param name="mustBeNew">XATTR_CREATE.</param>
    /// <param name="mustExist">XATTR_REPLACE.</param>
    /// <returns>EEXIST; ENODATA; ENOSPC: a limit.</returns>
    public Errno Set(ReadOnlySpan<byte> name, byte[] value, bool mustBeNew, bool mustExist)
    {
        if (name.SequenceEqual(FileCapabilityName))
        {
            return SetFileCapability(value, mustBeNew, mustExist);
        }

        var entry = new Entry(name.ToArray(), value);
        while (true)
        {
            Entry[] before = Volatile.Read(ref _entries);
            int index = Find(before, name);
            if (index >= 0 ? mustBeNew : mustExist)
            {
                return index >= 0 ? Errno.EEXIST : Errno.ENODATA;
            }

            var after = new Entry[index >= 0 ? before.Length : before.Length + 1];
            before.CopyTo(after, 0);
            after[index >= 0 ? index : before.Length] = entry;
            if (after.Length > CountMaximum || BytesOf(after) > BytesMaximum)
            {
                return Errno.ENOSPC;
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref _entries, after, before), before))
            {
                return Errno.Ok;
            }
        }
    }

    /// <summary>The value of an attribute; null: it is not set. Nobody writes to it.</summary>
    [NoAllocation]
    public byte[]? Get(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(FileCapabilityName))
        {
            return Volatile.Read(ref _fileCapability);
        }

        Entry[] entries = Volatile.Read(ref _entries);
        int index = Find(entries, name);
        return index >= 0 ? entries[index].Value : null;
    }

    /// <summary>Takes an attribute away.</summary>
    /// <returns>ENODATA: it is not set.</returns>
    public Errno Remove(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(FileCapabilityName))
        {
            return Interlocked.Exchange(ref _fileCapability, null) is null ? Errno.ENODATA : Errno.Ok;
        }

        while (true)
        {
            Entry[] before = Volatile.Read(ref _entries);
            int index = Find(before, name);
            if (index < 0)
            {
                return Errno.ENODATA;
            }

            var after = new Entry[before.Length - 1];
            before.AsSpan(0, index).CopyTo(after);
            before.AsSpan(index + 1).CopyTo(after.AsSpan(index));
            if (ReferenceEquals(Interlocked.CompareExchange(ref _entries, after, before), before))
            {
                return Errno.Ok;
            }
        }
    }

    /// <summary>The file was changed: it is no longer the program that was given capabilities. Any context.</summary>
    [NoAllocation]
    public void DropFileCapability()
    {
        if (Volatile.Read(ref _fileCapability) is not null)
        {
            Volatile.Write(ref _fileCapability, null);
        }
    }

    /// <summary>The names, each with a NUL behind it, as listxattr(2) gives them.</summary>
    /// <param name="withTrusted">Those of the trusted namespace too.</param>
    public byte[] List(bool withTrusted)
    {
        Entry[] entries = Volatile.Read(ref _entries);
        bool hasCapability = Volatile.Read(ref _fileCapability) is not null;
        int length = hasCapability ? FileCapabilityName.Length + 1 : 0;
        foreach (Entry entry in entries)
        {
            length += IsListed(entry, withTrusted) ? entry.Name.Length + 1 : 0;
        }

        byte[] names = new byte[length];
        int at = hasCapability ? FileCapabilityName.Length + 1 : 0;
        if (hasCapability)
        {
            FileCapabilityName.CopyTo(names);
        }

        foreach (Entry entry in entries)
        {
            if (IsListed(entry, withTrusted))
            {
                entry.Name.CopyTo(names, at);
                at += entry.Name.Length + 1;
            }
        }

        return names;
    }

    private static bool IsListed(Entry entry, bool withTrusted) => withTrusted || !entry.Name.AsSpan().StartsWith("trusted."u8);

    private Errno SetFileCapability(byte[] value, bool mustBeNew, bool mustExist)
    {
        while (true)
        {
            byte[]? before = Volatile.Read(ref _fileCapability);
            if (before is null ? mustExist : mustBeNew)
            {
                return before is null ? Errno.ENODATA : Errno.EEXIST;
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref _fileCapability, value, before), before))
            {
                return Errno.Ok;
            }
        }
    }

    [NoAllocation]
    private static int Find(Entry[] entries, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if (name.SequenceEqual(entries[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private static int BytesOf(Entry[] entries)
    {
        int bytes = 0;
        foreach (Entry entry in entries)
        {
            bytes += entry.Name.Length + entry.Value.Length;
        }

        return bytes;
    }

    // One attribute; it never changes.
    [Immutable]
    private sealed class Entry(byte[] name, byte[] value)
    {
        public byte[] Name { get; } = name;

        public byte[] Value { get; } = value;
    }
}
