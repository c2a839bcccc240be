using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Mark and sweep. The task that wants a collection does it: it takes the heap's locks, stops the other processors, marks, declares every block unswept and lets the
/// world go on. What is unreached is then freed block by block, by this task and by every task that allocates meanwhile.
/// </summary>
/// <remarks>
/// Interrupts stay off on this processor from before the first lock until the world runs again, so the task that holds the locks is never preempted, and nobody waits
/// for a task that does not run. In this span nothing allocates, throws, waits or takes a lock that a stopped processor can hold.
/// </remarks>
[Atomic]
internal static unsafe class Collector
{
    private static int s_running;
    private static uint s_epoch;

    /// <summary>Number of the last finished marking; it goes up by one with each collection.</summary>
    public static uint Epoch => Volatile.Read(ref s_epoch);

    /// <summary>Forgets everything; called once.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        Volatile.Write(ref s_running, 0);
        Volatile.Write(ref s_epoch, 0);
    }

    /// <summary>
    /// Collects, unless another task has done so since <paramref name="seen"/>; then returns when that collection has marked. Task context, no locks held.
    /// </summary>
    /// <param name="seen">The epoch in which the caller saw the need.</param>
    /// <param name="stackPointer">Where this thread's stack is to be scanned from, with the registers above it; 0 for all of it.</param>
    public static void Collect(uint seen, nuint stackPointer)
    {
        while (Epoch == seen)
        {
            FinishSweep();
            ulong flags = HeapPlatform.DisableInterrupts();
            if (Interlocked.CompareExchange(ref s_running, 1, 0) == 0)
            {
                if (Epoch == seen && IsSwept())
                {
                    MarkStack.Reserve(CollectionPolicy.MarkStackBytes);
                    StopAndMark(stackPointer);
                }

                Volatile.Write(ref s_running, 0); // Publishes the epoch to whoever takes the flag next.
                HeapPlatform.RestoreInterrupts(flags);
            }
            else
            {
                // The other one may be about to stop this processor: interrupts need not be on for that, but must not stay off for long.
                HeapPlatform.RestoreInterrupts(flags);
                HeapPlatform.Relax();
            }
        }

        FinishSweep();
        FinalizationTable.Trim();
        HeapReserve.Fill();
        if (FinalizationTable.Ready != 0)
        {
            HeapPlatform.SignalFinalizers();
        }
    }

    /// <summary>Frees what the last collection did not reach. Any task may help.</summary>
    public static void FinishSweep()
    {
        if (CellHeap.UnsweptBlocks != 0)
        {
            CellHeap.FinishSweep();
        }

        if (LargeHeap.UnsweptBlocks != 0)
        {
            LargeHeap.FinishSweep();
        }
    }

    /// <summary>Stops the other processors with the heap's locks held, to look at the heap as it is. The caller obeys the rules of this class until <see cref="ResumeWorld"/>.</summary>
    /// <returns>What <see cref="ResumeWorld"/> wants.</returns>
    [Acquires(typeof(CellHeap.ClassHeap), nameof(CellHeap.ClassHeap.Lock))]
    [Acquires(typeof(LargeHeap), "s_lock")]
    [Acquires(typeof(BlockTable), "s_lock")]
    [Acquires(typeof(HandleTable), "s_lock")]
    [Acquires(typeof(FinalizationTable), "s_lock")]
    [Acquires(typeof(HeapReserve), "s_lock")]
    public static ulong StopWorld()
    {
        ulong flags = HeapPlatform.DisableInterrupts();
        while (Interlocked.CompareExchange(ref s_running, 1, 0) != 0)
        {
            HeapPlatform.RestoreInterrupts(flags);
            HeapPlatform.Relax();
            flags = HeapPlatform.DisableInterrupts();
        }

        AcquireLocks();
        HeapPlatform.StopWorld();
        return flags;
    }

    /// <summary>Ends what <see cref="StopWorld"/> began.</summary>
    [Releases(typeof(CellHeap.ClassHeap), nameof(CellHeap.ClassHeap.Lock))]
    [Releases(typeof(LargeHeap), "s_lock")]
    [Releases(typeof(BlockTable), "s_lock")]
    [Releases(typeof(HandleTable), "s_lock")]
    [Releases(typeof(FinalizationTable), "s_lock")]
    [Releases(typeof(HeapReserve), "s_lock")]
    public static void ResumeWorld(ulong flags)
    {
        HeapPlatform.ResumeWorld();
        ReleaseLocks();
        Volatile.Write(ref s_running, 0); // Publishes what was done to whoever takes the flag next.
        HeapPlatform.RestoreInterrupts(flags);
    }

    private static bool IsSwept() => CellHeap.UnsweptBlocks == 0 && LargeHeap.UnsweptBlocks == 0;

    [AtomicContext]
    private static void StopAndMark(nuint stackPointer)
    {
        ulong start = HeapPlatform.Nanoseconds;
        AcquireLocks();
        HeapPlatform.StopWorld();
        HeapPlatform.DropAllocationLists();
        Marker.Begin();
        HeapPlatform.BeginModules();
        HandleTable.MarkStrong();
        FinalizationTable.MarkReady();
        HeapPlatform.MarkRoots(stackPointer);
        Marker.Drain();
        FollowDependents();
        MarkModules();

        HandleTable.ClearUnreached(HandleKind.WeakShort);
        if (FinalizationTable.PromoteUnreached() != 0)
        {
            FinalizationTable.MarkReady();
            Marker.Drain();
            FollowDependents();
            MarkModules();
        }

        HeapPlatform.EndModules();

        HandleTable.ClearUnreached(HandleKind.WeakLong);
        HandleTable.ClearUnreached(HandleKind.Dependent);
        if (HeapOptions.VerifyCollections)
        {
            HeapVerifier.VerifyMarked();
        }

        nuint liveBytes = 0;
        nuint liveObjects = 0;
        CellHeap.BeginSweep(ref liveBytes, ref liveObjects);
        LargeHeap.BeginSweep(ref liveBytes, ref liveObjects);
        CollectionPolicy.EndMarking(liveBytes, liveObjects);
        HeapTotals.BeginPeriod();
        Volatile.Write(ref s_epoch, Epoch + 1); // After the lists are ready for the sweep: who sees the new epoch may sweep.
        HeapPlatform.ResumeWorld();
        ReleaseLocks();
        PauseRecord.Add(start, HeapPlatform.Nanoseconds);
    }

    /// <summary>The static fields of a module that goes live as long as anything that is reached refers to the module, which they may do for another one.</summary>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    [RequiresLock(typeof(HandleTable), "s_lock")]
    private static void MarkModules()
    {
        while (HeapPlatform.MarkReachedModules())
        {
            Marker.Drain();
            FollowDependents();
        }
    }

    /// <summary>Marks through dependent handles until nothing new is reached: a second object may be the first one of another handle.</summary>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    [RequiresLock(typeof(HandleTable), "s_lock")]
    private static void FollowDependents()
    {
        while (HandleTable.MarkDependent())
        {
            Marker.Drain();
        }
    }

    [Acquires(typeof(CellHeap.ClassHeap), nameof(CellHeap.ClassHeap.Lock))]
    [Acquires(typeof(LargeHeap), "s_lock")]
    [Acquires(typeof(BlockTable), "s_lock")]
    [Acquires(typeof(HandleTable), "s_lock")]
    [Acquires(typeof(FinalizationTable), "s_lock")]
    [Acquires(typeof(HeapReserve), "s_lock")]
    [AtomicContext]
    private static void AcquireLocks()
    {
        CellHeap.AcquireAll();
        LargeHeap.Acquire();
        BlockTable.Acquire();
        HandleTable.Acquire();
        FinalizationTable.Acquire();
        HeapReserve.Acquire();
    }

    [Releases(typeof(CellHeap.ClassHeap), nameof(CellHeap.ClassHeap.Lock))]
    [Releases(typeof(LargeHeap), "s_lock")]
    [Releases(typeof(BlockTable), "s_lock")]
    [Releases(typeof(HandleTable), "s_lock")]
    [Releases(typeof(FinalizationTable), "s_lock")]
    [Releases(typeof(HeapReserve), "s_lock")]
    [AtomicContext]
    private static void ReleaseLocks()
    {
        HeapReserve.Release();
        FinalizationTable.Release();
        HandleTable.Release();
        BlockTable.Release();
        LargeHeap.Release();
        CellHeap.ReleaseAll();
    }
}
