using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// All ids of user space by number. Numbers are given in rising order and start again at <see cref="FirstReused"/>, so that one is not given again soon (proc(5), pid_max). Look-ups take no
/// lock: ids are in chunks that never move, and the directory of chunks is replaced as a whole when it grows.
/// </summary>
public static class ProcessIds
{
    /// <summary>The highest limit: numbers are less than it.</summary>
    public const int HighestLimit = 4_194_304;

    /// <summary>The lowest limit that can be set.</summary>
    public const int LowestLimit = 301;

    /// <summary>Numbers below are not given again.</summary>
    public const int FirstReused = 300;

    private const int DefaultLimit = 32_768;
    private const int ChunkSize = 512;

    private static IrqSpinLock s_lock = new(LockClass.ProcessIds);

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static ProcessId?[]?[]? s_directory;

    [GuardedBy(nameof(s_lock))]
    private static int s_next = 1;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_last;

    [Atomic]
    private static int s_limit = DefaultLimit;

    /// <summary>One more than the greatest number that is given (proc(5), pid_max): <see cref="LowestLimit"/> to <see cref="HighestLimit"/>. Numbers above that were given before stay.</summary>
    public static int Limit
    {
        get => Volatile.Read(ref s_limit);
        set => Volatile.Write(ref s_limit, Math.Clamp(value, LowestLimit, HighestLimit));
    }

    /// <summary>The number given last (proc(5), loadavg).</summary>
    public static int Last => Volatile.Read(ref s_last);

    /// <summary>The id with this number, or null. Any context; what it names may change at any time.</summary>
    [NoAllocation]
    public static ProcessId? Find(int number)
    {
        ProcessId?[]?[]? directory = Volatile.Read(ref s_directory);
        if (directory is null || number <= 0 || number / ChunkSize >= directory.Length)
        {
            return null;
        }

        ProcessId?[]? chunk = Volatile.Read(ref directory[number / ChunkSize]);
        return chunk is null ? null : Volatile.Read(ref chunk[number % ChunkSize]);
    }

    /// <summary>The id with the lowest number above this one, or null: walks the table while ids come and go. Any context.</summary>
    [NoAllocation]
    public static ProcessId? Next(int number)
    {
        ProcessId?[]?[]? directory = Volatile.Read(ref s_directory);
        if (directory is null)
        {
            return null;
        }

        int candidate = Math.Max(number, 0) + 1;
        while (candidate / ChunkSize < directory.Length)
        {
            ProcessId?[]? chunk = Volatile.Read(ref directory[candidate / ChunkSize]);
            if (chunk is null)
            {
                candidate = ((candidate / ChunkSize) + 1) * ChunkSize;
                continue;
            }

            if (Volatile.Read(ref chunk[candidate % ChunkSize]) is { } id)
            {
                return id;
            }

            candidate++;
        }

        return null;
    }

    /// <summary>Takes a number that names nothing. Task context; allocates.</summary>
    /// <param name="wanted">The number; 0 for the next one.</param>
    /// <param name="id">The id.</param>
    /// <returns>EAGAIN: all numbers below <see cref="Limit"/> are taken. EEXIST: the wanted one is. EINVAL: it is not below the limit.</returns>
    internal static Errno TryAllocate(int wanted, out ProcessId? id)
    {
        id = null;
        if (wanted < 0 || wanted >= Limit)
        {
            return Errno.EINVAL;
        }

        while (true)
        {
            int number = wanted;
            bool found;
            int chunkNeeded;
            int length;
            using (s_lock.Enter())
            {
                found = wanted != 0 ? IsFree(wanted, out chunkNeeded) : FindFree(out number, out chunkNeeded);
                length = s_directory?.Length ?? 0;
            }

            if (!found)
            {
                return wanted != 0 ? Errno.EEXIST : Errno.EAGAIN;
            }

            if (chunkNeeded >= 0)
            {
                // Memory is taken without the lock; if somebody else was faster, this is garbage.
                ProcessId?[] chunk = new ProcessId?[ChunkSize];
                ProcessId?[]?[]? directory = chunkNeeded < length ? null : new ProcessId?[]?[Math.Max(DefaultLimit / ChunkSize, Math.Max(length * 2, chunkNeeded + 1))];
                using (s_lock.Enter())
                {
                    Install(chunkNeeded, chunk, directory);
                }

                continue;
            }

            ProcessId made = new(number);
            using (s_lock.Enter())
            {
                if (TryPut(made, isNext: wanted == 0))
                {
                    id = made;
                    return Errno.Ok;
                }
            }
        }
    }

    /// <summary>Gives a number back.</summary>
    [NoAllocation]
    internal static void Release(ProcessId id)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_directory![id.Number / ChunkSize]![id.Number % ChunkSize], null);
        }
    }

    // The next number that is free, or that is in a chunk that does not exist yet.
    [RequiresLock(nameof(s_lock))]
    [NoAllocation]
    private static bool FindFree(out int number, out int chunkNeeded)
    {
        int limit = Limit;
        int candidate = s_next;
        for (int tries = 0; tries < limit; tries++)
        {
            if (candidate >= limit)
            {
                candidate = FirstReused;
            }

            if (IsFree(candidate, out chunkNeeded))
            {
                number = candidate;
                s_next = candidate;
                return true;
            }

            candidate++;
        }

        number = 0;
        chunkNeeded = -1;
        return false;
    }

    // The number names nothing, or is in a chunk that does not exist yet.
    [RequiresLock(nameof(s_lock))]
    [NoAllocation]
    private static bool IsFree(int number, out int chunkNeeded)
    {
        int index = number / ChunkSize;
        ProcessId?[]? chunk = s_directory is null || index >= s_directory.Length ? null : s_directory[index];
        chunkNeeded = chunk is null ? index : -1;
        return chunk is null || chunk[number % ChunkSize] is null;
    }

    [RequiresLock(nameof(s_lock))]
    [NoAllocation]
    private static bool TryPut(ProcessId id, bool isNext)
    {
        ref ProcessId? slot = ref s_directory![id.Number / ChunkSize]![id.Number % ChunkSize];
        if (slot is not null)
        {
            return false;
        }

        Volatile.Write(ref slot, id);
        if (isNext)
        {
            s_next = id.Number + 1;
        }

        Volatile.Write(ref s_last, id.Number);
        return true;
    }

    [RequiresLock(nameof(s_lock))]
    private static void Install(int index, ProcessId?[] chunk, ProcessId?[]?[]? directory)
    {
        if (directory is not null && directory.Length > (s_directory?.Length ?? 0))
        {
            for (int i = 0; i < (s_directory?.Length ?? 0); i++)
            {
                directory[i] = s_directory![i];
            }

            // Readers see a directory only when it is whole.
            Volatile.Write(ref s_directory, directory);
        }

        if (s_directory![index] is null)
        {
            Volatile.Write(ref s_directory[index], chunk);
        }
    }
}
