using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Which CPUs have nothing to run. A hint for placement: a CPU adds itself before it halts, and who gives it a task takes it out,
/// so that two tasks that wake at once go to different CPUs. Lock-free; any context.
/// </summary>
[Atomic]
[NoAllocation]
internal static class IdleCpus
{
    private static ulong s_w0;
    private static ulong s_w1;
    private static ulong s_w2;
    private static ulong s_w3;

    /// <summary>The CPUs that are idle now.</summary>
    public static CpuSet Members => CpuSet.FromWords(Volatile.Read(ref s_w0), Volatile.Read(ref s_w1), Volatile.Read(ref s_w2), Volatile.Read(ref s_w3));

    /// <summary>True when no CPU is idle now.</summary>
    public static bool IsEmpty
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Volatile.Read(ref s_w0) | Volatile.Read(ref s_w1) | Volatile.Read(ref s_w2) | Volatile.Read(ref s_w3)) == 0;
    }

    /// <summary>True when the CPU is idle now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(int cpu)
    {
        // The way of most machines without a call: each change of the running task's urgency asks.
        ulong word = (uint)cpu < 64 ? Volatile.Read(ref s_w0) : Volatile.Read(ref Word(cpu));
        return ((word >> (cpu & 63)) & 1) != 0;
    }

    /// <summary>The CPU has nothing to run. A full fence.</summary>
    public static void Add(int cpu) => Interlocked.Or(ref Word(cpu), 1ul << (cpu & 63));

    /// <summary>The CPU gets or has something to run.</summary>
    /// <returns>False when somebody else took it out before.</returns>
    public static bool Remove(int cpu)
    {
        ulong bit = 1ul << (cpu & 63);
        return (Interlocked.And(ref Word(cpu), ~bit) & bit) != 0;
    }

    private static ref ulong Word(int cpu)
    {
        switch (cpu >> 6)
        {
            case 0:
                return ref s_w0;
            case 1:
                return ref s_w1;
            case 2:
                return ref s_w2;
            default:
                return ref s_w3;
        }
    }
}
