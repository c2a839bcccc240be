using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>Joins an entry to the directory that it is in, under a name. All but its place in a chain is constant: who holds one has a consistent name and parent.</summary>
internal sealed class NameLink
{
    [Atomic]
    private NameLink? _next;

    public NameLink(DirectoryEntry? parent, byte[] name, uint hash, DirectoryEntry entry)
    {
        Parent = parent;
        Name = name;
        Hash = hash;
        Entry = entry;
    }

    public DirectoryEntry? Parent { get; }

    [Immutable]
    public byte[] Name { get; }

    public uint Hash { get; }

    public DirectoryEntry Entry { get; }

    /// <summary>The next one in the chain of the parent's table. Written under the parent's child lock; kept when the link is taken out, so that a reader who stands on it finds on.</summary>
    public NameLink? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    [NoAllocation]
    public bool Matches(uint hash, ReadOnlySpan<byte> name) => Hash == hash && name.SequenceEqual(Name);
}
