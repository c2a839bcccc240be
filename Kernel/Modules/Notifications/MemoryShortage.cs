using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Notifications;

/// <summary>Memory has run out, and a process is about to be killed for it: handlers give back what they can spare, and say how much that was. They do not wait for others that want memory.</summary>
public sealed class MemoryShortage
{
    [Atomic]
    private long _freedPages;

    /// <summary>Pages of 4 KiB that were given back by now. When there are any, nobody is killed before they were tried.</summary>
    public long FreedPages => Volatile.Read(ref _freedPages);

    /// <summary>A handler has given pages back.</summary>
    /// <param name="pages">How many, 0 and up.</param>
    public void AddFreed(long pages) => Interlocked.Add(ref _freedPages, pages);
}
