using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// Makes CPUs forget translations after page tables were changed. A frame that was unmapped may be used again only after the call has returned: then no
/// CPU can reach it through the old address any more.
/// </summary>
public static unsafe class TlbShootdown
{
    /// <summary>With more pages than this the whole TLB is emptied: refilling it costs less than so many single invalidations.</summary>
    public const ulong LargestRange = 32;

    private const ulong GlobalPages = 1ul << 7;

    private const ulong PageBytes = 4096;

    [Atomic]
    private static ulong s_requests;

    /// <summary>How often other CPUs were asked to forget translations since boot (/proc/vmstat, nr_tlb_remote_flush). A snapshot.</summary>
    public static ulong Requests => Volatile.Read(ref s_requests);

    /// <summary>
    /// Flushes pages of the kernel's address space on all CPUs. Interrupts are on and the caller holds no lock that is taken with interrupts off elsewhere;
    /// see <see cref="CallFunction"/>.
    /// </summary>
    /// <param name="address">First page.</param>
    /// <param name="pages">Number of 4 KiB pages.</param>
    public static void Flush(ulong address, ulong pages)
    {
        CountRequest();
        Range range = new() { Address = address, Pages = pages };
        using (Preemption.Disable())
        {
            FlushHere((nuint)(&range));
            CallFunction.RunOnOthers(&FlushHere, (nuint)(&range));
        }
    }

    /// <summary>As <see cref="Flush"/>, on the CPUs of <paramref name="targets"/>, which use the address space that was changed, and on this one.</summary>
    public static void Flush(in CpuSet targets, ulong address, ulong pages)
    {
        CountRequest();
        Range range = new() { Address = address, Pages = pages };
        using (Preemption.Disable())
        {
            FlushHere((nuint)(&range));
            CallFunction.Run(targets, &FlushHere, (nuint)(&range));
        }
    }

    /// <summary>Counts a request that others send, for addresses of user space.</summary>
    internal static void CountRequest() => Interlocked.Increment(ref s_requests);

    /// <summary>Empties this CPU's TLB, global pages included. Any context.</summary>
    public static void FlushAllHere()
    {
        ulong flags = InterruptFlag.Disable();
        ulong control = CpuInstructions.ReadControl4();
        if ((control & GlobalPages) != 0)
        {
            // A change of this bit empties the TLB with its global entries (Intel SDM vol. 3A, section 4.10.4.1).
            CpuInstructions.WriteControl4(control & ~GlobalPages);
            CpuInstructions.WriteControl4(control);
        }
        else
        {
            CpuInstructions.WriteControl3(CpuInstructions.ReadControl3());
        }

        InterruptFlag.Restore(flags);
    }

    private static void FlushHere(nuint argument)
    {
        Range* range = (Range*)argument;
        if (range->Pages > LargestRange)
        {
            FlushAllHere();
            return;
        }

        for (ulong i = 0; i < range->Pages; i++)
        {
            CpuInstructions.InvalidatePage(range->Address + (i * PageBytes));
        }
    }

    private struct Range
    {
        internal ulong Address;
        internal ulong Pages;
    }
}
