using System.Collections.Generic;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Locks;

/// <summary>Which files have locks or leases, for /proc/locks. In parts, so that processes that lock different files seldom meet. Task context.</summary>
public static class LockRegistry
{
    private const int PartCount = 16;

    [Immutable]
    private static readonly Part[] s_parts = MakeParts();

    /// <summary>Adds a line for each lock, as proc(5) has them. Locks that are waited for have no line.</summary>
    [MightSleep]
    public static void Describe(TextBuilder to)
    {
        int number = 0;
        foreach (Part part in s_parts)
        {
            foreach (InodeLocks locks in part.All())
            {
                locks.Describe(to, ref number, prefix: default, file: null, table: null);
            }
        }
    }

    [MightSleep]
    internal static void Set(InodeLocks locks, bool hasAny) => s_parts[locks.Inode.Number % PartCount].Set(locks, hasAny);

    private static Part[] MakeParts()
    {
        var parts = new Part[PartCount];
        for (int i = 0; i < PartCount; i++)
        {
            parts[i] = new Part();
        }

        return parts;
    }

    private sealed class Part
    {
        private readonly Mutex _lock = new("files with locks");

        [GuardedBy(nameof(_lock))]
        private readonly HashSet<InodeLocks> _files = [];

        [MightSleep]
        public void Set(InodeLocks locks, bool hasAny)
        {
            using (_lock.Enter())
            {
                if (hasAny)
                {
                    _files.Add(locks);
                }
                else
                {
                    _files.Remove(locks);
                }
            }
        }

        [MightSleep]
        public InodeLocks[] All()
        {
            using (_lock.Enter())
            {
                return [.. _files];
            }
        }
    }
}
