using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes;

// What a process and its children have used.
public sealed partial class Process
{
    // Of threads that have ended.
    [GuardedBy(nameof(SignalLock))]
    private ProcessUsage _ended;

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private ProcessUsage _children;

    // Of threads that have ended, and of children that were collected.
    [GuardedBy(nameof(SignalLock))]
    private TransferUse _endedTransfers;

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private TransferUse _childTransfers;

    [Atomic]
    private long _maximumResident;

    /// <summary>What its system calls have read and written, with those of children that were waited for, as in Linux. Any context but NMI.</summary>
    public TransferUse ReadTransfers()
    {
        TransferUse children;
        using (ProcessTree.Lock.Enter())
        {
            children = _childTransfers;
        }

        return children + ReadOwnTransfers();
    }

    private TransferUse ReadOwnTransfers()
    {
        using (SignalLock.Enter())
        {
            TransferUse sum = _endedTransfers;
            for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
            {
                sum += thread.ReadTransfers();
            }

            return sum;
        }
    }

    /// <summary>What all its threads have used, those that have ended too. Any context but NMI.</summary>
    public ProcessUsage ReadUsage()
    {
        using (SignalLock.Enter())
        {
            return ReadUsageLocked();
        }
    }

    /// <summary>What its children have used that have ended and were waited for, and theirs. Any context but NMI.</summary>
    public ProcessUsage ReadChildrenUsage()
    {
        using (ProcessTree.Lock.Enter())
        {
            return _children;
        }
    }

    /// <summary>Time on CPUs of all its threads, nanoseconds (CLOCK_PROCESS_CPUTIME_ID). Any context but NMI.</summary>
    public ulong ReadCpuTime()
    {
        ProcessUsage usage = ReadUsage();
        return usage.UserTime + usage.SystemTime;
    }

    /// <summary>Keeps the most resident memory that its address space has had until now (getrusage(2), ru_maxrss): before that is asked for, and before the address space goes.</summary>
    public void NoteMemory(AddressSpace? memory)
    {
        if (memory is null)
        {
            return;
        }

        long kibibytes = (long)(memory.Use.PeakResident * (AddressSpace.PageBytes / 1024));
        long seen = Volatile.Read(ref _maximumResident);
        while (kibibytes > seen)
        {
            long before = Interlocked.CompareExchange(ref _maximumResident, kibibytes, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal ProcessUsage ReadUsageLocked()
    {
        ProcessUsage sum = _ended with { MaximumResident = Volatile.Read(ref _maximumResident) };
        for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
        {
            sum += thread.ReadUsage();
        }

        return sum;
    }

    /// <summary>A thread leaves: what it has used stays.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void KeepUsage(UserThread thread)
    {
        _ended += thread.ReadUsage();
        _endedTransfers += thread.ReadTransfers();
    }

    /// <summary>Its own use together with that of its children.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal ProcessUsage ReadTotalUsage(in ProcessUsage own) => own + _children;

    /// <summary>A child was collected.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void AddChildUsage(Process child, in ProcessUsage usage)
    {
        _children = _children + usage + child._children;
        _childTransfers = _childTransfers + child.ReadOwnTransfers() + child._childTransfers;
    }
}
