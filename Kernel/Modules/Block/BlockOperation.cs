namespace CosmosKernel.Modules.Block;

/// <summary>What is asked of a disk.</summary>
public enum BlockOperation
{
    /// <summary>Sectors are read.</summary>
    Read,

    /// <summary>Sectors are written.</summary>
    Write,

    /// <summary>What was written and completed before must survive a loss of power.</summary>
    Flush,

    /// <summary>The contents of sectors are not needed any more.</summary>
    Discard,

    /// <summary>Sectors become zeros.</summary>
    WriteZeroes,
}
