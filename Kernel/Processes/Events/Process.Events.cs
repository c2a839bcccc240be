using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// Files that tell of the process: what polls them waits here. Most processes have none.
public sealed partial class Process
{
    [Atomic]
    private PollQueue? _signalReaders;

    [Atomic]
    private PollQueue? _endWatchers;

    /// <summary>Who reads signals of the process from a file (signalfd(2)).</summary>
    internal PollQueue SignalReaders
    {
        get
        {
            PollQueue made = Volatile.Read(ref _signalReaders) ?? new PollQueue("signalfd");
            return Interlocked.CompareExchange(ref _signalReaders, made, null) ?? made;
        }
    }

    /// <summary>Who waits by a file for the end of the process (pidfd_open(2)).</summary>
    internal PollQueue EndWatchers
    {
        get
        {
            PollQueue made = Volatile.Read(ref _endWatchers) ?? new PollQueue("pidfd");
            return Interlocked.CompareExchange(ref _endWatchers, made, null) ?? made;
        }
    }

    /// <summary>A signal waits: tells who reads them. The signals' lock may be held.</summary>
    [NoAllocation]
    internal void TellSignalReaders() => Volatile.Read(ref _signalReaders)?.WakeAll(PollEvents.Readable);

    /// <summary>The process has ended: tells who waits for that. The tree's lock may be held.</summary>
    [NoAllocation]
    internal void TellEndWatchers() => Volatile.Read(ref _endWatchers)?.WakeAll(PollEvents.Readable);
}
