namespace CosmosKernel.Abi;

/// <summary>What a program says about its use of memory (madvise(2)).</summary>
public enum MemoryAdvice
{
    /// <summary>Nothing special.</summary>
    Normal = 0,

    /// <summary>In no order.</summary>
    Random = 1,

    /// <summary>In order.</summary>
    Sequential = 2,

    /// <summary>Soon.</summary>
    WillNeed = 3,

    /// <summary>Contents may go at once.</summary>
    DontNeed = 4,

    /// <summary>Contents may go when memory is short.</summary>
    Free = 8,

    /// <summary>The pages of the object go, too.</summary>
    Remove = 9,

    /// <summary>A child of fork(2) does not get it.</summary>
    DontFork = 10,

    /// <summary>Undoes <see cref="DontFork"/>.</summary>
    DoFork = 11,

    /// <summary>May be merged with equal pages.</summary>
    Mergeable = 12,

    /// <summary>Undoes <see cref="Mergeable"/>.</summary>
    Unmergeable = 13,

    /// <summary>Huge pages are welcome.</summary>
    HugePage = 14,

    /// <summary>Huge pages are not.</summary>
    NoHugePage = 15,

    /// <summary>Not in a core dump.</summary>
    DontDump = 16,

    /// <summary>Undoes <see cref="DontDump"/>.</summary>
    DoDump = 17,

    /// <summary>A child of fork(2) finds zeros.</summary>
    WipeOnFork = 18,

    /// <summary>Undoes <see cref="WipeOnFork"/>.</summary>
    KeepOnFork = 19,

    /// <summary>Not needed in the near future: may be paged out first.</summary>
    Cold = 20,

    /// <summary>May be paged out at once.</summary>
    PageOut = 21,

    /// <summary>Faults pages in for reading.</summary>
    PopulateRead = 22,

    /// <summary>Faults pages in for writing.</summary>
    PopulateWrite = 23,

    /// <summary>As <see cref="DontNeed"/>, also where memory is locked.</summary>
    DontNeedLocked = 24,

    /// <summary>Makes huge pages now.</summary>
    Collapse = 25,
}
