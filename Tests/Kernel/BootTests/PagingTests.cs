using CosmosKernel.Machine.Paging;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Boot;

/// <summary>The page tables give each page only the rights that it needs. What the tests look at are the tables that the CPU uses, not what the kernel believes of them.</summary>
public static class PagingTests
{
    /// <summary>No page of the image, the direct map, the stacks or anything else can be both written and executed.</summary>
    [KernelTest("boot.no_page_is_writable_and_executable")]
    public static void NoPageIsWritableAndExecutable() => TestTasks.OnEveryCpu(cpu =>
    {
        PageAuditReport report = PageAudit.Run();
        Check.True(report.Mappings > 1000, "the walk found the kernel's mappings");
        Check.Equal(0ul, report.WritableAndExecutable, $"writable and executable mappings, one at 0x{report.LastOffender:x}, CPU {cpu}");
        Check.Equal(0ul, report.ExecutableOutsideText, $"executable mappings outside the image's code, one at 0x{report.LastOffender:x}, CPU {cpu}");
    });

    /// <summary>Code and constants cannot be written through their own addresses.</summary>
    [KernelTest("boot.code_and_constants_are_read_only")]
    public static void CodeAndConstantsAreReadOnly()
    {
        PageAuditReport report = PageAudit.Run();
        Check.Equal(0ul, report.WritableConstants, $"writable mappings of code or constants, one at 0x{report.LastOffender:x}");
        Check.Equal(0ul, report.UnusableImage, $"code that cannot run or data that cannot be written, one at 0x{report.LastOffender:x}");
    }

    /// <summary>Nothing is mapped in user space, page 0 least of all, and nothing of the kernel is reachable from user mode.</summary>
    [KernelTest("boot.page_0_and_user_space_are_unmapped")]
    public static void UserSpaceIsUnmapped()
    {
        PageAuditReport report = PageAudit.Run();
        Check.False(PageAudit.IsMapped(0));
        Check.Equal(0ul, report.LowerHalf, $"mappings in the lower half, one at 0x{report.LastOffender:x}");
        Check.Equal(0ul, report.ReachableByUser, $"mappings that user mode can reach, one at 0x{report.LastOffender:x}");
    }

    /// <summary>Below each stack of interrupts, faults and idle threads lies an unmapped page, on each CPU.</summary>
    [KernelTest("boot.every_cpu_stack_has_a_guard_page")]
    public static void EveryCpuStackHasAGuardPage()
    {
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            Check.Equal(0, PageAudit.CountUnguardedStacks(cpu), $"stacks of CPU {cpu} without a guard page");
        }
    }

    /// <summary>The same for the stacks of tasks, wherever they run.</summary>
    [KernelTest("boot.every_task_stack_has_a_guard_page")]
    public static void EveryTaskStackHasAGuardPage() => TestTasks.OnEveryCpu(_ =>
    {
        (ulong low, ulong high) = PageAudit.CurrentStack;
        Check.True(high - low >= 16384, "the stack has a size");
        Check.True(PageAudit.IsMapped(low), "the lowest page of the stack is mapped");
        Check.True(PageAudit.IsMapped(high - 1), "the highest page of the stack is mapped");
        Check.False(PageAudit.IsMapped(low - 1), "the page below the stack is mapped");
    });
}
