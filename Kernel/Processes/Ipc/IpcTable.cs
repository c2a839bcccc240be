using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// All objects of one kind: by id, which needs no lock, and by key. An id is an index and, above it, a sequence number that tells the object from an earlier one with the same index.
/// Indexes are given out in a circle, as Linux does, so that an id comes again late.
/// </summary>
/// <typeparam name="T">The kind of object.</typeparam>
internal sealed class IpcTable<T>
    where T : IpcObject
{
    private const int Smallest = 64;
    private const int IndexMask = IpcTables.Capacity - 1;

    private readonly Mutex _lock;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private T?[] _slots = new T?[Smallest];

    // A bit for each index that is in use.
    [GuardedBy(nameof(_lock))]
    private readonly ulong[] _used = new ulong[IpcTables.Capacity / 64];

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<int, T> _keys = [];

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    [GuardedBy(nameof(_lock))]
    private int _next;

    [GuardedBy(nameof(_lock))]
    private int _lastIndex = -1;

    [GuardedBy(nameof(_lock))]
    private int _sequence;

    /// <summary>Makes an empty one.</summary>
    /// <param name="name">Of its lock.</param>
    public IpcTable(string name)
    {
        _lock = new Mutex(name, LockClasses.Register(name));
    }

    /// <summary>Objects. A snapshot.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Places that an object may be at; <see cref="At"/> finds it. A snapshot.</summary>
    public int Capacity => Volatile.Read(ref _slots).Length;

    /// <summary>The greatest index in use, 0 for none: what IPC_INFO and its like return. Task context.</summary>
    [MightSleep]
    public int GreatestIndex
    {
        get
        {
            using (_lock.Enter())
            {
                for (int word = _used.Length - 1; word >= 0; word--)
                {
                    if (_used[word] != 0)
                    {
                        return (word * 64) + 63 - BitOperations.LeadingZeroCount(_used[word]);
                    }
                }

                return 0;
            }
        }
    }

    /// <summary>The object of an id; null when there is none. It may be removed at any moment: see <see cref="IpcObject.IsRemoved"/>. Any context.</summary>
    [NoAllocation]
    public T? Find(int id) => id >= 0 && At(id & IndexMask) is { } found && found.Id == id ? found : null;

    /// <summary>The object of an index; bits above it do not count. Any context.</summary>
    [NoAllocation]
    public T? At(int index)
    {
        T?[] slots = Volatile.Read(ref _slots);
        index &= IndexMask;
        return index < slots.Length ? Volatile.Read(ref slots[index]) : null;
    }

    /// <summary>Finds or makes an object (shmget(2), semget(2), msgget(2)). Task context.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="made">The object, if it is a new one.</param>
    /// <returns>Its id; -ENOENT, -EEXIST, -EACCES, -ENOSPC, and what the request itself gives.</returns>
    [MightSleep]
    public long Get<TRequest>(in TRequest request, out T? made)
        where TRequest : struct, IIpcRequest<T>
    {
        made = null;
        using (_lock.Enter())
        {
            if (request.Key == IpcConstants.IPC_PRIVATE || !_keys.TryGetValue(request.Key, out T? found))
            {
                return request.Key != IpcConstants.IPC_PRIVATE && (request.Flags & IpcConstants.IPC_CREAT) == 0 ? -(long)Errno.ENOENT : Add(request, out made);
            }

            const int New = IpcConstants.IPC_CREAT | IpcConstants.IPC_EXCL;
            if ((request.Flags & New) == New)
            {
                return -(long)Errno.EEXIST;
            }

            Errno error = request.Check(found);
            error = error == Errno.Ok ? found.CheckAccess(request.Credentials, (uint)request.Flags) : error;
            return error == Errno.Ok ? found.Id : -(long)error;
        }
    }

    /// <summary>Nobody finds it by its key any more. Task context.</summary>
    [MightSleep]
    public void Hide(T gone)
    {
        using (_lock.Enter())
        {
            RemoveKey(gone);
        }
    }

    /// <summary>Nobody finds it any more; its id may be given out again, with another sequence number. Once. Task context.</summary>
    [MightSleep]
    public void Remove(T gone)
    {
        using (_lock.Enter())
        {
            RemoveKey(gone);
            int index = gone.Id & IndexMask;
            Volatile.Write(ref _slots[index], null);
            _used[index / 64] &= ~(1ul << (index % 64));
            Volatile.Write(ref _count, _count - 1);
        }
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void RemoveKey(T gone)
    {
        if (gone.OwnKey != IpcConstants.IPC_PRIVATE && _keys.TryGetValue(gone.OwnKey, out T? known) && ReferenceEquals(known, gone))
        {
            _keys.Remove(gone.OwnKey);
            using (gone.Lock.Enter())
            {
                gone.OwnKey = IpcConstants.IPC_PRIVATE;
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private long Add<TRequest>(in TRequest request, out T? made)
        where TRequest : struct, IIpcRequest<T>
    {
        Errno error = request.TryMake(out made);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (_count >= Math.Min(request.MostObjects, IpcTables.Capacity))
        {
            request.Discard(made!);
            made = null;
            return -(long)Errno.ENOSPC;
        }

        try
        {
            return Enter(made!, request.MostObjects);
        }
        catch (OutOfMemoryException)
        {
            request.Discard(made!);
            made = null;
            return -(long)Errno.ENOMEM;
        }
    }

    // What may fail for want of memory comes first.
    [RequiresLock(nameof(_lock))]
    private long Enter(T made, int mostObjects)
    {
        int index = FindFree(Math.Min(Math.Max(Smallest, (_count * 3 / 2) + 1), Math.Min(mostObjects, IpcTables.Capacity)));
        if (index >= _slots.Length)
        {
            var larger = new T?[Math.Min(IpcTables.Capacity, Math.Max(_slots.Length * 2, index + 1))];
            _slots.CopyTo(larger, 0);
            Volatile.Write(ref _slots, larger);
        }

        if (made.OwnKey != IpcConstants.IPC_PRIVATE)
        {
            _keys.Add(made.OwnKey, made);
        }

        if (index <= _lastIndex)
        {
            _sequence = (_sequence + 1) % IpcTables.Sequences;
        }

        _lastIndex = index;
        _next = index + 1;
        made.Id = (_sequence << IpcTables.IndexBits) | index;
        _used[index / 64] |= 1ul << (index % 64);
        Volatile.Write(ref _count, _count + 1);
        Volatile.Write(ref _slots[index], made);
        return made.Id;
    }

    // There are fewer objects than the limit, so one index below it is free, or one above it is when the limit was lowered.
    [RequiresLock(nameof(_lock))]
    private int FindFree(int limit)
    {
        int found = FindFree(_next, limit);
        found = found < 0 ? FindFree(0, limit) : found;
        return found < 0 ? FindFree(0, IpcTables.Capacity) : found;
    }

    [RequiresLock(nameof(_lock))]
    private int FindFree(int from, int end)
    {
        for (int index = from; index < end; index = (index / 64 * 64) + 64)
        {
            ulong free = ~_used[index / 64] & (ulong.MaxValue << (index % 64));
            if (free != 0)
            {
                int found = (index / 64 * 64) + BitOperations.TrailingZeroCount(free);
                return found < end ? found : -1;
            }
        }

        return -1;
    }
}
