using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Paging;

/// <summary>What a walk over the page tables of this CPU found. Pages are counted by their mapping: one of 1 GiB counts once.</summary>
public struct PageAuditReport
{
    /// <summary>Mappings that were looked at.</summary>
    public ulong Mappings { get; internal set; }

    /// <summary>Mappings that may be written and executed.</summary>
    public ulong WritableAndExecutable { get; internal set; }

    /// <summary>Mappings that may be executed and are not the image's code.</summary>
    public ulong ExecutableOutsideText { get; internal set; }

    /// <summary>Mappings of the image's code or constants that may be written.</summary>
    public ulong WritableConstants { get; internal set; }

    /// <summary>Mappings of the image's code that may not be executed, and of its data that may not be written.</summary>
    public ulong UnusableImage { get; internal set; }

    /// <summary>Mappings in the lower half, which belongs to user space.</summary>
    public ulong LowerHalf { get; internal set; }

    /// <summary>Mappings of the kernel that user mode may reach.</summary>
    public ulong ReachableByUser { get; internal set; }

    /// <summary>Address of the last mapping that is in one of the counts of faults; 0 when none is.</summary>
    public ulong LastOffender { get; internal set; }
}

/// <summary>
/// Looks at the page tables that the hardware really uses, for tests and reports. It only reads: mappings that change meanwhile are seen before or after the change. Task context.
/// </summary>
public static unsafe class PageAudit
{
    private const ulong Present = 1;
    private const ulong Writable = 1ul << 1;
    private const ulong User = 1ul << 2;
    private const ulong Large = 1ul << 7;
    private const ulong NoExecute = 1ul << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const int EntryCount = 512;
    private const int TopShift = 39;
    private const int PageShift = 12;
    private const int BitsPerLevel = 9;

    /// <summary>Walks all tables from this CPU's CR3. The rights of a mapping are what all levels together allow (Intel SDM vol. 3A, section 5.6).</summary>
    public static PageAuditReport Run()
    {
        PageAuditReport report = default;
        Walk(CpuInstructions.ReadControl3() & AddressMask, TopShift, 0, Writable | User, ref report);
        return report;
    }

    /// <summary>Whether a page is mapped at an address.</summary>
    public static bool IsMapped(ulong address) => PageTables.TryTranslate(address, out _);

    /// <summary>Stack of the thread that runs this: its lowest byte, and the first address after it.</summary>
    public static (ulong Low, ulong High) CurrentStack
    {
        get
        {
            ThreadBlock* thread = CpuInstructions.CurrentThread();
            return (thread->StackLow, thread->StackHigh);
        }
    }

    /// <summary>How many stacks of a CPU (interrupts, NMI, double fault, machine check, debug, idle thread) are not as they should be: the stack mapped, the page below it not.</summary>
    public static int CountUnguardedStacks(int cpu)
    {
        int unguarded = 0;
        for (int stack = 0; stack < 1 + DescriptorTables.FaultStacks; stack++)
        {
            unguarded += IsGuarded(MachineArea.Stack(cpu, stack), DescriptorTables.StackBytes) ? 0 : 1;
        }

        CpuBlock* block = Cpu.Get(cpu);
        if (block != null && block->Idle != null)
        {
            ThreadBlock* idle = block->Idle;
            unguarded += IsGuarded(idle->StackLow, idle->StackHigh - idle->StackLow) ? 0 : 1;
        }

        return unguarded;
    }

    private static bool IsGuarded(nuint low, nuint bytes) =>
        IsMapped(low) && IsMapped(low + bytes - 1) && !IsMapped(low - 1);

    private static void Walk(ulong tablePhysical, int shift, ulong start, ulong rights, ref PageAuditReport report)
    {
        ulong* table = (ulong*)DirectMap.ToVirtual(tablePhysical);
        for (int i = 0; i < EntryCount; i++)
        {
            ulong entry = table[i];
            if ((entry & Present) == 0)
            {
                continue;
            }

            ulong address = start | ((ulong)i << shift);
            if (shift == TopShift && i >= EntryCount / 2)
            {
                address |= 0xFFFF_0000_0000_0000;
            }

            // Writing and user access need the bit at every level; execution is forbidden by any level.
            ulong allowed = rights & entry & (Writable | User);
            allowed |= (rights | entry) & NoExecute;
            if (shift == PageShift || (shift < TopShift && (entry & Large) != 0))
            {
                Judge(address, 1ul << shift, allowed, ref report);
            }
            else
            {
                Walk(entry & AddressMask, shift - BitsPerLevel, address, allowed, ref report);
            }
        }
    }

    private static void Judge(ulong address, ulong bytes, ulong rights, ref PageAuditReport report)
    {
        bool writable = (rights & Writable) != 0;
        bool executable = (rights & NoExecute) == 0 && CpuId.HasNoExecute;
        bool upperHalf = address >= 1ul << 63;
        CodeImage? image = CodeImages.Find(address);
        bool isText = Within(address, bytes, ImageLayout.TextStart, ImageLayout.TextEnd) || (image is not null && address < image.TextEnd);
        bool isConstant = isText || Within(address, bytes, ImageLayout.ReadOnlyStart, ImageLayout.ReadOnlyEnd) || (image is not null && address < image.ReadOnlyEnd);
        bool isData = Within(address, bytes, ImageLayout.DataStart, ImageLayout.End);

        report.Mappings++;
        ulong faults = 0;
        report.WritableAndExecutable += Count(writable && executable, ref faults);
        report.ExecutableOutsideText += Count(executable && !isText, ref faults);
        report.WritableConstants += Count(writable && isConstant, ref faults);
        report.UnusableImage += Count((isText && !executable && CpuId.HasNoExecute) || (isData && !writable), ref faults);
        report.LowerHalf += Count(!upperHalf, ref faults);
        report.ReachableByUser += Count(upperHalf && (rights & User) != 0, ref faults);
        if (faults != 0)
        {
            report.LastOffender = address;
        }
    }

    private static ulong Count(bool fault, ref ulong faults)
    {
        ulong count = fault ? 1ul : 0;
        faults += count;
        return count;
    }

    private static bool Within(ulong address, ulong bytes, ulong start, ulong end) => address < end && start < address + bytes;
}
