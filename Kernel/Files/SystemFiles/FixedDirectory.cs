using System;
using System.Text;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A directory with entries that are added when the file system is made.</summary>
public class FixedDirectory : SystemDirectory
{
    [Atomic]
    private (byte[] Name, Inode Inode)[] _entries = [];

    /// <summary>Makes an empty one.</summary>
    public FixedDirectory(SystemFileSystem fileSystem, uint permissions = 0x16D)
        : base(fileSystem, fileSystem.NextNumber(), permissions)
    {
        System = fileSystem;
    }

    /// <summary>The file system.</summary>
    protected SystemFileSystem System { get; }

    /// <summary>Adds an entry. By one task at a time.</summary>
    /// <returns>The directory.</returns>
    public FixedDirectory Add(string name, Inode inode)
    {
        (byte[], Inode)[] before = Volatile.Read(ref _entries);
        Volatile.Write(ref _entries, [.. before, (Encoding.ASCII.GetBytes(name), inode)]);
        if (inode.IsDirectory)
        {
            ChangeLinks(1);
        }

        return this;
    }

    /// <summary>Takes an entry away; who has it open keeps it. By one task at a time.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Remove(string name)
    {
        (byte[] Name, Inode Inode)[] before = Volatile.Read(ref _entries);
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        int index = Array.FindIndex(before, entry => entry.Name.AsSpan().SequenceEqual(bytes));
        if (index < 0)
        {
            return false;
        }

        Volatile.Write(ref _entries, [.. before[..index], .. before[(index + 1)..]]);
        if (before[index].Inode.IsDirectory)
        {
            ChangeLinks(-1);
        }

        return true;
    }

    /// <summary>What was added under a name; null for nothing. Any context.</summary>
    public Inode? Find(string name)
    {
        foreach ((byte[] known, Inode found) in Volatile.Read(ref _entries))
        {
            if (Ascii.Equals(known, name))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Adds an empty directory and returns it.</summary>
    public FixedDirectory AddDirectory(string name)
    {
        var directory = new FixedDirectory(System);
        Add(name, directory);
        return directory;
    }

    /// <summary>Adds a file whose text is made when it is read.</summary>
    public FixedDirectory Add(string name, TextGenerator generate, uint permissions = 0x124) =>
        Add(name, new GeneratedFile(System, permissions, generate));

    /// <summary>Adds a file that can be written.</summary>
    public FixedDirectory Add(string name, TextGenerator generate, TextReceiver receive, uint permissions = 0x1A4) =>
        Add(name, new GeneratedFile(System, permissions, generate, receive));

    /// <summary>Adds a symbolic link.</summary>
    public FixedDirectory AddLink(string name, string target) => Add(name, new SystemLink(System, System.NextNumber(), target));

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        foreach ((byte[] known, Inode found) in Volatile.Read(ref _entries))
        {
            if (name.SequenceEqual(known))
            {
                inode = found;
                return Errno.Ok;
            }
        }

        inode = null;
        return Errno.ENOENT;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override bool TryNext(ref long position, out SystemEntry entry)
    {
        (byte[] Name, Inode Inode)[] entries = Volatile.Read(ref _entries);
        if (position >= entries.Length)
        {
            entry = default;
            return false;
        }

        (byte[] name, Inode inode) = entries[position];
        position++;
        entry = new SystemEntry(name, inode.Number, inode.Mode);
        return true;
    }

    /// <summary>How many entries there are: positions of what a derived class adds begin here.</summary>
    protected long FixedCount => Volatile.Read(ref _entries).Length;
}
