using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The spin lock of the heap's structures. Held for short spans with preemption off, in task context only. The collector takes every heap lock
/// <em>before</em> it stops the other processors, so no stopped processor is inside a span that one guards, and what they guard is whole while it marks.
/// </summary>
/// <remarks>Never call what waits for another processor (a TLB shoot-down, say) while holding one: the collecting processor takes these with interrupts off.</remarks>
[LockType(LockKind.PreemptionOff)]
internal struct HeapLock
{
    private SpinLock _lock;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What it guards.</param>
    /// <param name="number">Its place among the locks of its class.</param>
    public HeapLock(LockClass lockClass, int number)
    {
        _lock = new SpinLock(lockClass, number);
    }

    /// <summary>Turns preemption off and takes the lock.</summary>
    [Acquires]
    public void Enter()
    {
        HeapPlatform.DisablePreemption();
        Acquire();
    }

    /// <summary>Gives the lock back and allows preemption again, which may switch to another task at once.</summary>
    [Releases]
    public void Exit()
    {
        Release();
        HeapPlatform.EnablePreemption();
    }

    /// <summary>Takes the lock in a context that cannot be preempted already (interrupts off).</summary>
    [Acquires]
    [AtomicContext]
    public void Acquire() => _lock.AcquireWithPreemptionOff();

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    [Releases]
    [AtomicContext]
    public void Release() => _lock.ReleaseWithPreemptionOff();
}
