using CosmosKernel.Files.Events;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// What the thread has for waiting for files.
public sealed partial class UserThread
{
    [TaskPrivate]
    private PollWait? _poll;

    /// <summary>Its wait for several files; made at the first. For the thread itself.</summary>
    public PollWait Poll => _poll ??= new PollWait();
}
