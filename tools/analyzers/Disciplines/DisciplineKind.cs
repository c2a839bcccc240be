namespace CosmosKernel.Analyzers.Disciplines;

/// <summary>Who may touch a piece of shared state, and when.</summary>
public enum DisciplineKind
{
    /// <summary>Nothing is declared.</summary>
    None,

    /// <summary>With a lock held.</summary>
    Guarded,

    /// <summary>Written before anybody else sees it.</summary>
    Immutable,

    /// <summary>By the CPU that it belongs to, from code that stays there.</summary>
    PerCpu,

    /// <summary>Through atomic operations.</summary>
    Atomic,

    /// <summary>By the task that it belongs to.</summary>
    TaskPrivate,

    /// <summary>As whatever holds the object allows.</summary>
    Owned,

    /// <summary>As a written reason says.</summary>
    Protocol,
}
