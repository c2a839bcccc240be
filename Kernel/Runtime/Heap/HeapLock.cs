using System.Threading;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The spin lock of the heap's structures. Held for short spans with preemption off, in task context only. The collector takes every heap lock
/// <em>before</em> it stops the other processors, so no stopped processor is inside a span that one guards, and what they guard is whole while it marks.
/// </summary>
/// <remarks>Never call what waits for another processor (a TLB shoot-down, say) while holding one: the collecting processor takes these with interrupts off.</remarks>
internal struct HeapLock
{
    private int _taken;

    /// <summary>Turns preemption off and takes the lock.</summary>
    public void Enter()
    {
        HeapPlatform.DisablePreemption();
        Acquire();
    }

    /// <summary>Gives the lock back and allows preemption again, which may switch to another task at once.</summary>
    public void Exit()
    {
        Release();
        HeapPlatform.EnablePreemption();
    }

    /// <summary>Takes the lock in a context that cannot be preempted already (interrupts off).</summary>
    public void Acquire()
    {
        // The exchange is a full fence: nothing that the lock guards is read before it.
        while (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            while (Volatile.Read(ref _taken) != 0)
            {
                HeapPlatform.Relax();
            }
        }
    }

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    public void Release() => Volatile.Write(ref _taken, 0); // Releases what was written under the lock to the next exchange.
}
