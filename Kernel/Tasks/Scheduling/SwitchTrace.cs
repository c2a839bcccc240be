using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>Why a CPU went from one task to another.</summary>
public enum SwitchReason : byte
{
    /// <summary>The task sleeps or has ended.</summary>
    Blocked,

    /// <summary>The task let others run.</summary>
    Yielded,

    /// <summary>Its slice ended or a more urgent task came.</summary>
    Preempted,
}

/// <summary>One switch.</summary>
/// <param name="Time">Nanoseconds on the monotonic clock.</param>
/// <param name="Pid">The task that runs from then on; 0 for the idle task.</param>
/// <param name="Priority">Its priority, -2 to 139 (<see cref="TaskPriority"/>).</param>
/// <param name="Reason">Why the task before it stopped.</param>
public readonly record struct SwitchRecord(ulong Time, int Pid, short Priority, SwitchReason Reason);

/// <summary>
/// The last switches of one CPU, in memory of fixed size. The CPU itself writes, with its run queue's lock held; any task may read
/// without a lock and without disturbing the writer: what was overwritten meanwhile is left out.
/// </summary>
[Protocol("Its CPU alone writes, with the run queue's lock held: the record, then the position with release. Readers load the position before and after they copy records, and drop what was overwritten meanwhile.")]
public sealed class SwitchTrace
{
    /// <summary>How many switches are kept.</summary>
    public const int Capacity = 1024;

    private readonly SwitchRecord[] _records = new SwitchRecord[Capacity];
    private long _written;

    /// <summary>How many switches were recorded since boot: the position that the next one gets.</summary>
    public long Position => Volatile.Read(ref _written);

    /// <summary>Copies records, oldest first.</summary>
    /// <param name="position">Where to start; set to where the next call should start. Older positions than what is kept are moved up.</param>
    /// <param name="destination">Takes the records.</param>
    /// <returns>How many were copied.</returns>
    public int Read(ref long position, Span<SwitchRecord> destination)
    {
        while (true)
        {
            long end = Volatile.Read(ref _written);
            long start = Math.Min(end, Math.Max(position, end - Capacity + 1));
            int count = (int)Math.Min(end - start, destination.Length);
            for (int i = 0; i < count; i++)
            {
                destination[i] = _records[(start + i) & (Capacity - 1)];
            }

            // Loads are not reordered with loads on x86; the fence says so to the compiler. One slot more may be in the middle of its write.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _written) + 1 - Capacity <= start)
            {
                position = start + count;
                return count;
            }

            position = start + (Capacity / 4);
        }
    }

    /// <summary>Adds a record. This CPU's run queue is locked.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ulong time, TaskStruct next, SwitchReason reason)
    {
        long position = _written;
        _records[(int)position & (Capacity - 1)] = new SwitchRecord(time, next.Pid, (short)next.Priority, reason);

        // Published after the record: pairs with the read in Read.
        Volatile.Write(ref _written, position + 1);
    }
}
