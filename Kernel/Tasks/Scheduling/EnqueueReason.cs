namespace CosmosKernel.Tasks.Scheduling;

/// <summary>Why a task is put into a queue.</summary>
public enum EnqueueReason
{
    /// <summary>It was started.</summary>
    Started,

    /// <summary>It slept and was woken.</summary>
    Woken,

    /// <summary>It came from another CPU.</summary>
    Migrated,

    /// <summary>Its parameters changed while it was runnable, its priority did not.</summary>
    Changed,

    /// <summary>Its class or priority changed while it was runnable: it is more urgent now.</summary>
    Raised,

    /// <summary>Its class or priority changed while it was runnable: it is less urgent now.</summary>
    Lowered,
}
