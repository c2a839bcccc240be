using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// Decides in which order what waits at a hardware queue goes to the device, and merges what belongs together. Guarded by the hardware queue's lock; each queue has its own.
/// </summary>
[Owned]
internal abstract class IoScheduler
{
    /// <summary>Order of arrival.</summary>
    public const string NoneName = "none";

    /// <summary>By sector, but none later than its deadline.</summary>
    public const string DeadlineName = "mq-deadline";

    /// <summary>Its name, as /sys/block/NAME/queue/scheduler has it.</summary>
    public abstract string Name { get; }

    /// <summary>There is one with that name.</summary>
    public static bool Exists(string name) => name is NoneName or DeadlineName;

    /// <summary>Takes the head of a request that is to be made.</summary>
    [NoAllocation]
    public abstract void Insert(Bio bio, ulong now);

    /// <summary>Gives the head of the next one.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    /// <param name="merged">How many others it took with it.</param>
    /// <returns>Null: none waits.</returns>
    [NoAllocation]
    public abstract Bio? Next(ulong now, out int merged);
}
