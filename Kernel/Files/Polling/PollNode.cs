using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Polling;

/// <summary>The place of one watcher in one queue.</summary>
internal sealed class PollNode
{
    internal PollNode(PollWatcher watcher)
    {
        Watcher = watcher;
    }

    internal PollWatcher Watcher { get; }

    [Protocol("Changed by the owner of the watcher alone.")]
    internal PollQueue? Queue { get; set; }

    [Protocol("Changed by the owner of the watcher alone.")]
    internal PollNode? NextOfWatcher { get; set; }

    [GuardedBy(typeof(PollQueue), "_lock")]
    internal PollNode? Next { get; set; }

    [GuardedBy(typeof(PollQueue), "_lock")]
    internal PollNode? Previous { get; set; }
}
