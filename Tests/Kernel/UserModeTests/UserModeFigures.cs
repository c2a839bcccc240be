using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.UserMode;

/// <summary>What the ways to user mode and back cost. With QEMU's <c>-icount shift=0,sleep=off</c> nanoseconds are instructions.</summary>
public static class UserModeFigures
{
    private const ulong Rounds = 20_000;
    private const ulong Base = 0x2000_0000;

    /// <summary>A system call that does nothing, with the four instructions of the program's loop.</summary>
    [KernelTest("figure.user_system_call")]
    public static void SystemCall()
    {
        using UserProgram program = new(UserCode.Calls);
        program.Run(context =>
        {
            context.Registers.R15 = Rounds;
            ulong start = Clock.MonotonicNanoseconds;
            while (context.Run() == UserExit.SystemCall && context.Registers.Rax == 39)
            {
                context.Registers.Rax = 1;
            }

            TestRunner.Figure("figure.user_system_call", (Clock.MonotonicNanoseconds - start) / (double)Rounds, "ns");
        });
    }

    /// <summary>A page fault whose page is there already, with a rights change; and one whose page is allocated, cleared and mapped.</summary>
    [KernelTest("figure.user_page_fault")]
    public static void PageFault()
    {
        const ulong pages = 2000;
        using UserProgram program = new(UserCode.Touch);
        program.Run(context =>
        {
            ulong taken = Touch(context, pages, address =>
            {
                if (Page.TryAllocate(out Page page))
                {
                    program.Table.TryMap(address, page, UserRights.Read | UserRights.Write);
                }
            });
            TestRunner.Figure("figure.user_page_fault_new_page", taken / (double)pages, "ns");
            program.Table.Protect(Base, Base + (pages * Page.Size), UserRights.Read);
            taken = Touch(context, pages, address =>
            {
                if (program.Table.TryTake(address, out Page page, out _))
                {
                    program.Table.Replace(address, page, page, UserRights.Read | UserRights.Write);
                    page.Release();
                }
            });
            TestRunner.Figure("figure.user_page_fault_rights", taken / (double)pages, "ns");

            UserPageTable copy = UserPageTable.TryCreate()!;
            ulong start = Clock.MonotonicNanoseconds;
            program.Table.TryCopyRange(copy, Base, Base + (pages * Page.Size), copyOnWrite: true);
            TestRunner.Figure("figure.user_fork_a_page", (Clock.MonotonicNanoseconds - start) / (double)pages, "ns");
            start = Clock.MonotonicNanoseconds;
            copy.Unmap(Base, Base + (pages * Page.Size));
            TestRunner.Figure("figure.user_unmap_a_page", (Clock.MonotonicNanoseconds - start) / (double)pages, "ns");
            copy.Destroy();
        });
    }

    /// <summary>Yield between two threads of different address spaces that are in user mode in between.</summary>
    [KernelTest("figure.user_switch")]
    public static void Switch()
    {
        const ulong rounds = 2000;
        ulong start = Clock.MonotonicNanoseconds;
        TestTasks.Run(2, i => new TaskOptions { Name = $"user-{i}", Affinity = CpuSet.Of(0), Scheduling = SchedulingParameters.Fifo(20) }, _ =>
        {
            using UserProgram program = new(UserCode.Calls);
            program.Run(context =>
            {
                context.Registers.R15 = rounds;
                while (context.Run() == UserExit.SystemCall && context.Registers.Rax == 39)
                {
                    KernelTask.Yield();
                }
            });
        });
        TestRunner.Figure("figure.user_switch", (Clock.MonotonicNanoseconds - start) / (2.0 * rounds), "ns");
    }

    private static ulong Touch(UserContext context, ulong pages, System.Action<ulong> resolve)
    {
        context.Registers.Rip = UserProgram.Code;
        context.Registers.Rbx = Base;
        context.Registers.R15 = pages;
        ulong start = Clock.MonotonicNanoseconds;
        while (context.Run() == UserExit.Exception)
        {
            resolve(context.Registers.Rbx);
        }

        return Clock.MonotonicNanoseconds - start;
    }
}
