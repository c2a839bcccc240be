using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Threads;

/// <summary>
/// All threads. The collector walks it by <see cref="ThreadBlock.Next"/> with every other CPU stopped at any instruction, and takes no lock:
/// so each change is one store that leaves a forward walk valid.
/// </summary>
public static unsafe class ThreadList
{
    private static IrqSpinLock s_lock = new(LockClass.ThreadList);

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static volatile ThreadBlock* s_first;

    [Atomic]
    private static ulong s_lastId;

    /// <summary>The first thread of a forward walk; null when there is none.</summary>
    public static ThreadBlock* First => s_first;

    /// <summary>Gives the thread an id and adds it. Any context but NMI.</summary>
    public static void Add(ThreadBlock* thread)
    {
        thread->Id = Interlocked.Increment(ref s_lastId);
        using (s_lock.Enter())
        {
            thread->Previous = null;
            thread->Next = s_first;
            if (s_first != null)
            {
                s_first->Previous = thread;
            }

            s_first = thread;
        }
    }

    /// <summary>Takes the thread off. Its memory may be freed after this returns, by a caller that cannot be inside a collection.</summary>
    public static void Remove(ThreadBlock* thread)
    {
        using (s_lock.Enter())
        {
            if (thread->Previous != null)
            {
                thread->Previous->Next = thread->Next;
            }
            else
            {
                s_first = thread->Next;
            }

            if (thread->Next != null)
            {
                thread->Next->Previous = thread->Previous;
            }
        }
    }
}
