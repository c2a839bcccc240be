using System;

namespace CosmosKernel.Processes;

/// <summary>Kinds of private expedited barriers that a process registers for (membarrier(2)).</summary>
[Flags]
public enum BarrierKind
{
    /// <summary>Memory alone.</summary>
    Memory = 1,

    /// <summary>The instructions that a CPU has fetched, too.</summary>
    Instructions = 2,

    /// <summary>Restartable sequences are aborted, too.</summary>
    Sequences = 4,
}
