using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// What semaphore operations with SEM_UNDO are taken back by when the last of those ends who share the list (semop(2), clone(2) with CLONE_SYSVSEM). Its lock comes before that of a set.
/// </summary>
internal sealed class SemaphoreUndoList
{
    private static readonly LockClass s_class = LockClasses.Register("semaphore undo list");

    private readonly Mutex _lock = new("semaphore undo list", s_class);

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<SemaphoreSet, SemaphoreUndo> _undos = [];

    [Atomic]
    private int _users = 1;

    /// <summary>One more shares it, by one who does. Any context.</summary>
    [NoAllocation]
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One less shares it; after the last one all is taken back. Task context.</summary>
    /// <param name="processId">The process that ends, for the semaphores.</param>
    [MightSleep]
    public void Release(int processId)
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        using (_lock.Enter())
        {
            foreach (SemaphoreUndo undo in _undos.Values)
            {
                undo.Set.Apply(undo, processId);
            }

            _undos.Clear();
        }
    }

    /// <summary>What takes back operations on a set; made if there is none. Task context.</summary>
    /// <returns>EIDRM: the set is removed.</returns>
    [MightSleep]
    public Errno TryGet(SemaphoreSet set, out SemaphoreUndo? undo)
    {
        using (_lock.Enter())
        {
            if (_undos.TryGetValue(set, out undo))
            {
                return Errno.Ok;
            }

            undo = new SemaphoreUndo(this, set);
            _undos.Add(set, undo);
            if (set.TryAdd(undo))
            {
                return Errno.Ok;
            }

            _undos.Remove(set);
            undo = null;
            return Errno.EIDRM;
        }
    }

    /// <summary>The set is removed. Task context, without the set's lock.</summary>
    [MightSleep]
    public void Forget(SemaphoreSet set)
    {
        using (_lock.Enter())
        {
            _undos.Remove(set);
        }
    }
}
