using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

public sealed partial class UserThread
{
    [Atomic]
    private long _minorFaults;

    [Atomic]
    private long _majorFaults;

    [Atomic]
    private ulong _systemTime;

    [Atomic]
    private ulong _readBytes;

    [Atomic]
    private ulong _writtenBytes;

    [Atomic]
    private ulong _reads;

    [Atomic]
    private ulong _writes;

    /// <summary>A system call of the thread has read. The thread itself.</summary>
    /// <param name="result">What it gives: a count of bytes or a negative errno.</param>
    /// <returns>The result.</returns>
    [NoAllocation]
    public long CountRead(long result)
    {
        Volatile.Write(ref _reads, Volatile.Read(ref _reads) + 1);
        if (result > 0)
        {
            Volatile.Write(ref _readBytes, Volatile.Read(ref _readBytes) + (ulong)result);
        }

        return result;
    }

    /// <summary>A system call of the thread has written. The thread itself.</summary>
    /// <param name="result">What it gives: a count of bytes or a negative errno.</param>
    /// <returns>The result.</returns>
    [NoAllocation]
    public long CountWrite(long result)
    {
        Volatile.Write(ref _writes, Volatile.Read(ref _writes) + 1);
        if (result > 0)
        {
            Volatile.Write(ref _writtenBytes, Volatile.Read(ref _writtenBytes) + (ulong)result);
        }

        return result;
    }

    /// <summary>What its system calls have read and written. Any context.</summary>
    [NoAllocation]
    public TransferUse ReadTransfers() => new(Volatile.Read(ref _readBytes), Volatile.Read(ref _writtenBytes), Volatile.Read(ref _reads), Volatile.Read(ref _writes));

    /// <summary>A page fault of the thread was resolved. The thread itself.</summary>
    /// <param name="major">Input was needed.</param>
    [NoAllocation]
    public void CountFault(bool major)
    {
        if (major)
        {
            Volatile.Write(ref _majorFaults, Volatile.Read(ref _majorFaults) + 1);
        }
        else
        {
            Volatile.Write(ref _minorFaults, Volatile.Read(ref _minorFaults) + 1);
        }
    }

    /// <summary>What it has used. Any context but NMI.</summary>
    [NoAllocation]
    public ProcessUsage ReadUsage()
    {
        ulong all = Task.ReadCpuTime();
        ulong user = Context.UserTimeNanoseconds;
        return new ProcessUsage(
            user,
            NoteSystemTime(all > user ? all - user : 0),
            Task.VoluntarySwitches,
            Task.InvoluntarySwitches,
            Volatile.Read(ref _minorFaults),
            Volatile.Read(ref _majorFaults),
            0);
    }

    // The two readings that it is the difference of are not of one instant when the thread runs on another CPU: what was reported once is not taken back.
    [NoAllocation]
    private ulong NoteSystemTime(ulong nanoseconds)
    {
        ulong seen = Volatile.Read(ref _systemTime);
        while (nanoseconds > seen)
        {
            ulong before = Interlocked.CompareExchange(ref _systemTime, nanoseconds, seen);
            if (before == seen)
            {
                return nanoseconds;
            }

            seen = before;
        }

        return seen;
    }
}
