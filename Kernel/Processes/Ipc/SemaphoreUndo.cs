using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>What the operations with SEM_UNDO of those who share an undo list have to be taken back by, of one set.</summary>
internal sealed class SemaphoreUndo
{
    /// <summary>Makes one that takes nothing back. Task context.</summary>
    public SemaphoreUndo(SemaphoreUndoList list, SemaphoreSet set)
    {
        List = list;
        Set = set;
        Adjustments = new short[set.Count];
    }

    /// <summary>Whose it is.</summary>
    public SemaphoreUndoList List { get; }

    /// <summary>The set.</summary>
    public SemaphoreSet Set { get; }

    /// <summary>What is added to each semaphore.</summary>
    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public short[] Adjustments { get; }

    /// <summary>It is none of the set's any more: the set was removed, or it was applied.</summary>
    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public bool IsDead { get; set; }

    // ---- All of the set ----

    [Protocol("Guarded by the set's lock while the set has it; who has removed the set walks its last list alone.")]
    public SemaphoreUndo? Next { get; set; }

    [Protocol("Guarded by the set's lock while the set has it; who has removed the set walks its last list alone.")]
    public SemaphoreUndo? Previous { get; set; }
}
