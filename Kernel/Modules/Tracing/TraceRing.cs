using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules.Tracing;

/// <summary>
/// The last records of one CPU. The CPU itself writes, with interrupts off; any task reads without disturbing it: what was overwritten meanwhile is left out. Memory is taken when the first tracepoint is
/// switched on.
/// </summary>
[Protocol("Its CPU alone writes, with interrupts off: the record, then the position with release. Readers load the position before and after they copy, and drop what was overwritten meanwhile.")]
internal sealed class TraceRing
{
    /// <summary>Records kept for each CPU.</summary>
    public const int Capacity = 2048;

    // Made by the first who switches a tracepoint on; none is on before.
    [Atomic]
    private static TraceRing[]? s_rings;

    [Atomic]
    private static bool s_isOn = true;

    private readonly TraceRecord[] _records = new TraceRecord[Capacity];
    private long _written;

    // Readers see nothing before it.
    [Atomic]
    private long _cleared;

    /// <summary>Records are written at all (tracing_on).</summary>
    public static bool IsOn
    {
        get => Volatile.Read(ref s_isOn);
        set => Volatile.Write(ref s_isOn, value);
    }

    /// <summary>Records that are there, and those that were written since the last clearing.</summary>
    public static (long Kept, long Written) Count
    {
        get
        {
            long kept = 0;
            long written = 0;
            foreach (TraceRing ring in Volatile.Read(ref s_rings) ?? [])
            {
                long count = Volatile.Read(ref ring._written) - Volatile.Read(ref ring._cleared);
                written += count;
                kept += Math.Min(count, Capacity - 1);
            }

            return (kept, written);
        }
    }

    /// <summary>Makes the rings, once. Task context, by one task at a time.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for them.</exception>
    public static void Prepare()
    {
        if (Volatile.Read(ref s_rings) is null)
        {
            var rings = new TraceRing[Cpu.Count];
            for (int i = 0; i < rings.Length; i++)
            {
                rings[i] = new TraceRing();
            }

            Volatile.Write(ref s_rings, rings);
        }
    }

    /// <summary>Adds a record to this CPU's ring.</summary>
    [NoAllocation]
    public static void Write(Tracepoint point, ReadOnlySpan<byte> text, long first, long second, long third, long fourth)
    {
        ulong flags = InterruptFlag.Disable();
        TraceRing[]? rings = Volatile.Read(ref s_rings);
        int cpu = Cpu.CurrentIndex;
        if (rings is not null && (uint)cpu < (uint)rings.Length && Volatile.Read(ref s_isOn))
        {
            rings[cpu].Add(point, text, first, second, third, fourth, cpu, InterruptFlag.IsSetIn(flags));
        }

        Preemption.RestoreInterrupts(flags);
    }

    /// <summary>Copies the records of all CPUs, oldest first. Task context.</summary>
    public static List<TraceRecord> Snapshot()
    {
        var all = new List<TraceRecord>();
        foreach (TraceRing ring in Volatile.Read(ref s_rings) ?? [])
        {
            ring.CopyTo(all);
        }

        return Sort(all);
    }

    /// <summary>Copies the records of all CPUs and forgets these, and no newer ones. Task context, one task at a time.</summary>
    public static List<TraceRecord> Take()
    {
        var all = new List<TraceRecord>();
        foreach (TraceRing ring in Volatile.Read(ref s_rings) ?? [])
        {
            long end = ring.CopyTo(all);
            if (end > Volatile.Read(ref ring._cleared))
            {
                Volatile.Write(ref ring._cleared, end);
            }
        }

        return Sort(all);
    }

    /// <summary>Forgets all records. Any context.</summary>
    public static void Clear()
    {
        foreach (TraceRing ring in Volatile.Read(ref s_rings) ?? [])
        {
            Volatile.Write(ref ring._cleared, Volatile.Read(ref ring._written));
        }
    }

    [NoAllocation]
    private void Add(Tracepoint point, ReadOnlySpan<byte> text, long first, long second, long third, long fourth, int cpu, bool wereInterruptsOn)
    {
        long position = _written;
        ref TraceRecord record = ref _records[(int)position & (Capacity - 1)];
        record.Time = Clock.MonotonicNanoseconds;
        record.Point = point;
        record.Pid = KernelTask.Current.Pid;
        record.Cpu = cpu;
        record.Flags = (wereInterruptsOn ? TraceFlags.None : TraceFlags.InterruptsOff) | (LocalCpu.InInterrupt ? TraceFlags.HardInterrupt : TraceFlags.None);
        record.PreemptDepth = (byte)Math.Min(LocalCpu.PreemptCount, byte.MaxValue);
        record.First = first;
        record.Second = second;
        record.Third = third;
        record.Fourth = fourth;
        int length = Math.Min(text.Length, Tracepoint.LongestText);
        ulong low = 0;
        ulong high = 0;
        for (int i = 0; i < length; i++)
        {
            if (i < sizeof(ulong))
            {
                low |= (ulong)text[i] << (8 * i);
            }
            else
            {
                high |= (ulong)text[i] << (8 * (i - sizeof(ulong)));
            }
        }

        record.TextLength = (byte)length;
        record.TextLow = low;
        record.TextHigh = high;

        // Published after the record: pairs with the reads in CopyTo.
        Volatile.Write(ref _written, position + 1);
    }

    // Stable: records of one CPU that have the same time stay in order.
    private static List<TraceRecord> Sort(List<TraceRecord> records) => [.. records.OrderBy(static record => record.Time)];

    // Returns the position behind the last one.
    private long CopyTo(List<TraceRecord> to)
    {
        long end = Volatile.Read(ref _written);
        long start = Math.Max(Volatile.Read(ref _cleared), end - Capacity + 1);
        int first = to.Count;
        for (long i = start; i < end; i++)
        {
            to.Add(_records[(int)i & (Capacity - 1)]);
        }

        // Loads are not reordered with loads on x86; the fence says so to the compiler. One slot more may be in the middle of its write.
        Interlocked.MemoryBarrier();
        long overwritten = Volatile.Read(ref _written) + 1 - Capacity - start;
        if (overwritten > 0)
        {
            to.RemoveRange(first, (int)Math.Min(overwritten, to.Count - first));
        }

        return end;
    }
}
