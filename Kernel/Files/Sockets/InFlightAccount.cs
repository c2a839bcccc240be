using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>How many descriptors of a user are in messages that nobody has received (unix(7), ETOOMANYREFS). Any context.</summary>
public sealed class InFlightAccount
{
    [Atomic]
    private long _files;

    /// <summary>How many there are.</summary>
    public long Files => Volatile.Read(ref _files);

    [NoAllocation]
    internal void Add(int count) => Interlocked.Add(ref _files, count);
}
