using System;

namespace CosmosKernel.Machine.Locking.Validation;

/// <summary>
/// In which contexts the locks of a class were seen: the two exclude each other. Deferred work needs nothing of the kind: it never runs on top of a spin lock, held with interrupts on or not.
/// </summary>
[Flags]
internal enum LockUsage : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A hard interrupt waited for one.</summary>
    InInterrupt = 1,

    /// <summary>One was held while interrupts were on.</summary>
    InterruptsOn = 2,
}
