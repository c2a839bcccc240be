using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking;

/// <summary>
/// Gives each caller a number of its own, 0, 1, 2 and so on: the other half of Reed and Kanodia's proposal. With an <see cref="EventCounter"/> it puts competing tasks in an
/// order: <c>counter.Await(sequencer.Ticket())</c> waits for one's turn, <c>counter.Advance()</c> ends it. Any context.
/// </summary>
public sealed class Sequencer
{
    [Atomic]
    private ulong _next;

    /// <summary>The next number. A full fence.</summary>
    [NoAllocation]
    public ulong Ticket() => Interlocked.Increment(ref _next) - 1;
}
