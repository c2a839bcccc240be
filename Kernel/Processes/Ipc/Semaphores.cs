using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Semaphores of System V (semget(2), semop(2), semctl(2)). Task context. Results are 0 and more, or a negative errno.</summary>
public static class Semaphores
{
    private const uint ReadAccess = 0x124;
    private const uint WriteAccess = 0x92;

    [Atomic]
    private static int s_count;

    /// <summary>All sets.</summary>
    internal static IpcTable<SemaphoreSet> Table { get; } = new("semaphore sets");

    /// <summary>Semaphores of all sets. A snapshot.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>Sets. A snapshot.</summary>
    public static int Sets => Table.Count;

    /// <summary>The greatest index in use, 0 for none: what IPC_INFO returns.</summary>
    public static int GreatestIndex
    {
        [MightSleep]
        get => Table.GreatestIndex;
    }

    /// <summary>Finds or makes a set (semget(2)).</summary>
    [MightSleep]
    public static long Get(UserThread thread, int key, int count, int flags) =>
        count < 0 || count > IpcLimits.SemaphoresOfSet
            ? -(long)Errno.EINVAL
            : Table.Get<SemaphoreRequest>(new SemaphoreRequest(thread.Credentials, key, count, flags), out _);

    /// <summary>Does operations (semop(2)). The deadline is in the thread's <see cref="UserThread.Deadline"/>. Allocates nothing unless it waits, or for the first operation on a set that is to be taken back.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="id">The set.</param>
    /// <param name="operations">At least one.</param>
    [MightSleep]
    public static long Operate(UserThread thread, int id, ReadOnlySpan<SemaphoreOperation> operations)
    {
        if (Table.Find(id) is not { } set)
        {
            return -(long)Errno.EINVAL;
        }

        bool undoes = false;
        foreach (SemaphoreOperation operation in operations)
        {
            undoes |= (operation.Flags & SemaphoreConstants.SEM_UNDO) != 0;
            if (operation.Number >= set.Count)
            {
                return -(long)Errno.EFBIG;
            }
        }

        SemaphoreUndo? undo = null;
        if (undoes)
        {
            Errno error = ListOf(thread).TryGet(set, out undo);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }

        Credentials who = thread.Credentials;
        int process = thread.Process.Id;
        int result = set.TryOperate(who, operations, undo, process);
        return result == SemaphoreWaiter.Pending
            ? set.Operate(who, new SemaphoreWaiter(thread.Task, operations.ToArray(), undo, process), thread.Deadline)
            : result;
    }

    /// <summary>Removes a set (IPC_RMID).</summary>
    [MightSleep]
    public static long Remove(UserThread thread, int id)
    {
        if (Table.Find(id) is not { } set)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = set.Remove(thread.Credentials);
        if (error == Errno.Ok)
        {
            Table.Remove(set);
            Uncharge(set.Count);
        }

        return -(long)error;
    }

    /// <summary>Sets owner and permissions (IPC_SET).</summary>
    [MightSleep]
    public static long Set(UserThread thread, int id, in IpcPermission permission) =>
        Table.Find(id) is { } set ? -(long)set.Set(thread.Credentials, permission) : -(long)Errno.EINVAL;

    /// <summary>Reads one number of a semaphore (GETVAL, GETPID, GETNCNT, GETZCNT).</summary>
    [MightSleep]
    public static long Read(UserThread thread, int id, int number, int command) =>
        Table.Find(id) is { } set ? set.Get(thread.Credentials, number, command) : -(long)Errno.EINVAL;

    /// <summary>Reads all values (GETALL).</summary>
    [MightSleep]
    public static long ReadAll(UserThread thread, int id, out ushort[] values)
    {
        values = [];
        if (Table.Find(id) is not { } set)
        {
            return -(long)Errno.EINVAL;
        }

        // Rights first: the values take memory.
        Errno error = set.CheckAccess(thread.Credentials, ReadAccess);
        if (error == Errno.Ok)
        {
            values = new ushort[set.Count];
            error = set.GetAll(thread.Credentials, values);
        }

        return -(long)error;
    }

    /// <summary>Sets a value (SETVAL).</summary>
    [MightSleep]
    public static long SetValue(UserThread thread, int id, int number, int value)
    {
        if (value is < 0 or > SemaphoreConstants.MostValue)
        {
            return -(long)Errno.ERANGE;
        }

        return Table.Find(id) is { } set ? -(long)set.SetValue(thread.Credentials, number, value, thread.Process.Id) : -(long)Errno.EINVAL;
    }

    /// <summary>How many values SETALL takes.</summary>
    /// <returns>The number; -EINVAL; -EACCES.</returns>
    [MightSleep]
    public static long CountForWrite(UserThread thread, int id)
    {
        if (Table.Find(id) is not { } set)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = set.CheckAccess(thread.Credentials, WriteAccess);
        return error == Errno.Ok ? set.Count : -(long)error;
    }

    /// <summary>Sets all values (SETALL).</summary>
    [MightSleep]
    public static long SetAll(UserThread thread, int id, ReadOnlySpan<ushort> values)
    {
        if (Table.Find(id) is not { } set || set.Count != values.Length)
        {
            return -(long)Errno.EINVAL;
        }

        foreach (ushort value in values)
        {
            if (value > SemaphoreConstants.MostValue)
            {
                return -(long)Errno.ERANGE;
            }
        }

        return -(long)set.SetAll(thread.Credentials, values, thread.Process.Id);
    }

    /// <summary>Describes a set (IPC_STAT, SEM_STAT, SEM_STAT_ANY).</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="id">The id or, with <paramref name="byIndex"/>, the index.</param>
    /// <param name="byIndex">It is an index: the result is the id.</param>
    /// <param name="description">The description.</param>
    [MightSleep]
    public static long Describe(Credentials? who, int id, bool byIndex, out SemaphoreSetDescription description)
    {
        description = default;
        if ((byIndex ? Table.At(id) : Table.Find(id)) is not { } set)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = set.Describe(who, out description);
        return error != Errno.Ok ? -(long)error : byIndex ? set.Id : 0;
    }

    /// <summary>A thread ends, or shares no longer: with the last one that shares, all is taken back (semop(2)).</summary>
    [MightSleep]
    internal static void Leave(UserThread thread)
    {
        SemaphoreUndoList? list = thread.SemaphoreUndos;
        thread.SemaphoreUndos = null;
        list?.Release(thread.Process.Id);
    }

    /// <summary>Room for so many semaphores more, as far as the limit allows.</summary>
    [NoAllocation]
    internal static bool TryCharge(int count)
    {
        if (Interlocked.Add(ref s_count, count) <= IpcLimits.Semaphores)
        {
            return true;
        }

        Interlocked.Add(ref s_count, -count);
        return false;
    }

    /// <summary>So many less.</summary>
    [NoAllocation]
    internal static void Uncharge(int count) => Interlocked.Add(ref s_count, -count);

    /// <summary>What takes the operations of a thread back, made if there is nothing yet. The thread itself.</summary>
    internal static SemaphoreUndoList ListOf(UserThread thread) => thread.SemaphoreUndos ??= new SemaphoreUndoList();
}
