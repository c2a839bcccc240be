using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>The types of file systems that mount(2) knows.</summary>
public static class FileSystems
{
    private static readonly Mutex s_lock = new("file system types");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static FileSystemType[] s_types = [];

    /// <summary>All, in the order of their registration. Any context.</summary>
    public static ReadOnlySpan<FileSystemType> All => Volatile.Read(ref s_types);

    /// <summary>Adds a type. Task context.</summary>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public static void Register(FileSystemType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        using (s_lock.Enter())
        {
            if (Find(type.Name) is not null)
            {
                throw new InvalidOperationException($"There is already a file system type {type.Name}.");
            }

            Volatile.Write(ref s_types, [.. s_types, type]);
        }
    }

    /// <summary>Takes a type away: nobody can mount it from then on. Task context.</summary>
    [MightSleep]
    public static void Unregister(FileSystemType type)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_types, Array.FindAll(s_types, other => !ReferenceEquals(other, type)));
        }
    }

    /// <summary>The type of a name; null when there is none. Any context.</summary>
    public static FileSystemType? Find(string name)
    {
        foreach (FileSystemType type in All)
        {
            if (type.Name == name)
            {
                return type;
            }
        }

        return null;
    }
}
