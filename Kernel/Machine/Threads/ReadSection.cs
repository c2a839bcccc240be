using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Threads;

/// <summary>
/// The count of read-side sections of RCU that a thread is in. It belongs to the thread, not to the CPU: a section may be preempted and go on elsewhere. An interrupt
/// handler counts on the thread that it interrupted, which is as it was before when the handler ends.
/// <para>Begin and end are one instruction on the thread's own count each: no fence, no atomic operation. Who must know that a thread has left its sections lets it be watched
/// (<see cref="MachineThread.IsReadSectionWatched"/>): the count is then higher by <see cref="WatchedOffset"/>, and the end of the outermost section, and only that one, overflows the signed count.</para>
/// </summary>
public static unsafe class ReadSection
{
    /// <summary>What the count of a watched thread is higher by.</summary>
    internal const uint WatchedOffset = 0x7FFF_FFFF;

    /// <summary>Begins a section. Any context but NMI.</summary>
    [RuntimeImport("ReadSectionBegin")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Begin();

    /// <summary>Ends the section that began last. The same context.</summary>
    [RuntimeImport("ReadSectionEnd")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void End();

    /// <summary>The code that asks is inside a section.</summary>
    public static bool IsActive => CpuInstructions.CurrentThread()->ReadNesting is not (0 or WatchedOffset);

    [RuntimeExport("ReadSectionEndWatched")]
    private static void EndWatched() => MachineEvents.Instance?.ReadSectionEnded();
}
