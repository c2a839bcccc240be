using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>Somebody who has /dev/input/mice open.</summary>
internal sealed class MiceReader
{
    /// <summary>What they have not read.</summary>
    [Protocol("Touched with the lock of the readers held.")]
    public MouseStream Stream { get; } = new();

    /// <summary>Waits for more.</summary>
    public PollQueue Queue { get; } = new("mice");
}
