using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

/// <summary>
/// All tasks by pid. Pids are given in rising order and start again at <see cref="FirstReused"/> when the limit is reached, so that a pid is not
/// reused soon; the limit rises with the number of tasks, up to 4,194,304 (Linux's, proc(5) pid_max).
/// Look-ups take no lock: entries are in chunks that never move, and the directory of chunks is replaced as a whole when it grows.
/// </summary>
public static class TaskTable
{
    /// <summary>The most tasks that can exist.</summary>
    public const int Maximum = 4_194_304;

    /// <summary>Pids below are not given again, except to the first tasks of the kernel.</summary>
    public const int FirstReused = 300;

    private const int ChunkSize = 512;
    private const int FirstLimit = 32_768;

    private static IrqSpinLock s_lock = new(LockClass.TaskTable);

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static TaskStruct?[]?[]? s_directory;

    [GuardedBy(nameof(s_lock))]
    private static int s_next;

    [GuardedBy(nameof(s_lock))]
    private static int s_limit;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_count;

    /// <summary>How many tasks there are, ended and not collected ones included, idle tasks not.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>The task with this pid, or null. Any context; the task may end at any time, but stays usable as an object.</summary>
    public static TaskStruct? Find(int pid)
    {
        TaskStruct?[]?[]? directory = Volatile.Read(ref s_directory);
        if (directory is null || pid <= 0 || pid / ChunkSize >= directory.Length)
        {
            return null;
        }

        TaskStruct?[]? chunk = Volatile.Read(ref directory[pid / ChunkSize]);
        return chunk is null ? null : Volatile.Read(ref chunk[pid % ChunkSize]);
    }

    /// <summary>The task with the lowest pid above this one, or null: walks the table while tasks come and go.</summary>
    public static TaskStruct? Next(int pid)
    {
        TaskStruct?[]?[]? directory = Volatile.Read(ref s_directory);
        if (directory is null)
        {
            return null;
        }

        int candidate = Math.Max(pid, 0) + 1;
        while (candidate / ChunkSize < directory.Length)
        {
            TaskStruct?[]? chunk = Volatile.Read(ref directory[candidate / ChunkSize]);
            if (chunk is null)
            {
                candidate = ((candidate / ChunkSize) + 1) * ChunkSize;
                continue;
            }

            if (Volatile.Read(ref chunk[candidate % ChunkSize]) is { } task)
            {
                return task;
            }

            candidate++;
        }

        return null;
    }

    /// <summary>Gives a task its pid and adds it. Task context; allocates.</summary>
    /// <exception cref="InvalidOperationException">There are 4,194,304 tasks.</exception>
    internal static void Add(TaskStruct task)
    {
        while (true)
        {
            int chunkNeeded;
            int length;
            using (s_lock.Enter())
            {
                chunkNeeded = TryAdd(task);
                length = s_directory?.Length ?? 0;
            }

            if (chunkNeeded < 0)
            {
                return;
            }

            if (chunkNeeded >= Maximum / ChunkSize)
            {
                throw new InvalidOperationException("There are as many tasks as there are pids.");
            }

            // Memory is taken without the lock; if somebody else was faster, this is garbage.
            TaskStruct?[] chunk = new TaskStruct?[ChunkSize];
            TaskStruct?[]?[]? directory = chunkNeeded < length ? null : new TaskStruct?[]?[Math.Max(FirstLimit / ChunkSize, length * 2)];
            using (s_lock.Enter())
            {
                Install(chunkNeeded, chunk, directory);
            }
        }
    }

    /// <summary>Takes a task out: its pid may be given again.</summary>
    internal static void Remove(TaskStruct task)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_directory![task.Pid / ChunkSize]![task.Pid % ChunkSize], null);
            s_count--;
        }
    }

    // Returns -1 when the task was added, otherwise the chunk that is missing.
    [RequiresLock(nameof(s_lock))]
    [NoAllocation]
    private static int TryAdd(TaskStruct task)
    {
        if (s_limit == 0)
        {
            s_limit = FirstLimit;
            s_next = 1;
        }

        if (s_count >= s_limit / 2 && s_limit < Maximum)
        {
            s_limit *= 2;
        }

        // At most half of the pids are taken, below the highest limit: the search is short on average.
        for (int tries = 0; tries < s_limit; tries++)
        {
            if (s_next >= s_limit)
            {
                s_next = FirstReused;
            }

            int pid = s_next;
            int index = pid / ChunkSize;
            TaskStruct?[]? chunk = s_directory is null || index >= s_directory.Length ? null : s_directory[index];
            if (chunk is null)
            {
                return index;
            }

            s_next++;
            if (chunk[pid % ChunkSize] is null)
            {
                task.Pid = pid;
                Volatile.Write(ref chunk[pid % ChunkSize], task);
                s_count++;
                return -1;
            }
        }

        return Maximum / ChunkSize;
    }

    [RequiresLock(nameof(s_lock))]
    private static void Install(int index, TaskStruct?[] chunk, TaskStruct?[]?[]? directory)
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
