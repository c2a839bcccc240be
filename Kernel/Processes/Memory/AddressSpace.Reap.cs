using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Memory;

// When memory runs out.
public sealed partial class AddressSpace
{
    [Atomic]
    private bool _isReaped;

    [Atomic]
    private bool _mayUseReserve;

    /// <summary>Its private pages were taken away, since its processes are being killed for want of memory: no fault is resolved any more, so that nobody sees zeros in their place.</summary>
    public bool IsReaped => Volatile.Read(ref _isReaped);

    /// <summary>Its faults may take the last frames: it is the first process's, or of one that must not be killed for want of memory, and there was nobody else to kill.</summary>
    public bool MayUseReserve
    {
        get => Volatile.Read(ref _mayUseReserve);
        set => Volatile.Write(ref _mayUseReserve, value);
    }

    /// <summary>Takes the private pages away at once; all who run in it have been sent SIGKILL. Task context; does not wait for its lock.</summary>
    /// <returns>False when who holds the lock changes areas at the moment: its memory goes when it ends.</returns>
    [MightSleep]
    internal bool TryReap()
    {
        Volatile.Write(ref _isReaped, true);
        NotePeaks();
        if (_lock.TryAcquireRead(0) != WaitResult.Woken)
        {
            return false;
        }

        for (MemoryArea? area = _areas.First; area is not null; area = area.Next)
        {
            if (!area.IsShared)
            {
                _pages.Unmap(area.Start, area.End);
            }
        }

        _lock.ReleaseRead();
        return true;
    }
}
