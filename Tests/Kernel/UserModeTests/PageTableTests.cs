using System;
using System.Threading;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.UserMode;

/// <summary>User page tables: counts, copies on write, moves, and what other CPUs see.</summary>
public static class PageTableTests
{
    private const ulong Base = 0x1000_0000;

    /// <summary>After a copy for fork both sides read the same pages and fault when they write; shared pages stay writable in both.</summary>
    [KernelTest("memory.user_pages_are_copied_when_written_after_a_fork")]
    public static void CopyOnWrite()
    {
        using UserProgram parent = new(UserCode.Store);
        Page shared = parent.Map(Base, UserRights.Read | UserRights.Write, shared: true);
        parent.DataPage.Write(0, BitConverter.GetBytes(1ul));
        UserPageTable child = UserPageTable.TryCreate()!;
        Check.True(parent.Table.TryCopyRange(child, 0, UserMemory.Limit, copyOnWrite: true));
        Check.Equal(parent.Table.MappedPages, child.MappedPages, "pages in the child");
        Check.Equal(2, parent.DataPage.References);
        Check.Equal(2, shared.References);
        Check.True(TryFind(child, UserProgram.Data, out Page page, out UserRights rights));
        Check.Equal(parent.DataPage, page, "the page is the same");
        Check.Equal(UserRights.Read, rights, "and nobody may write it");
        Check.True(TryFind(child, Base, out _, out rights));
        Check.Equal(UserRights.Read | UserRights.Write, rights, "rights of the shared page");

        parent.Run(context =>
        {
            context.Registers.Rbx = UserProgram.Data;
            context.Registers.Rax = 2;
            Check.Equal(UserExit.Exception, context.Run(), "the parent writes");
            Check.Equal(7ul, context.Registers.ErrorCode, "error code");
            Check.True(Page.TryAllocate(out Page copy, cleared: false));
            copy.CopyFrom(parent.DataPage);
            Page old = parent.DataPage;
            Check.True(parent.Table.Replace(UserProgram.Data, old, copy, UserRights.Read | UserRights.Write));
            Check.False(parent.Table.Replace(UserProgram.Data, old, copy, UserRights.Read), "a page that is not there any more");
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(1, old.References);
            Span<byte> word = stackalloc byte[8];
            old.Read(0, word);
            Check.Equal(1ul, BitConverter.ToUInt64(word), "the child's page");
            copy.Read(0, word);
            Check.Equal(2ul, BitConverter.ToUInt64(word), "the parent's copy");
        });
        child.Destroy();
        Check.Equal(1, shared.References);
    }

    /// <summary>A private page that a device writes is not shared by a fork: the copy is the child's, the page and the right to write it stay the parent's. Shared pages are shared all the same.</summary>
    [KernelTest("memory.user_pages_that_a_device_writes_are_copied_by_a_fork")]
    public static void CopyOfPinned()
    {
        using UserProgram parent = new(UserCode.Store);
        const UserRights rw = UserRights.Read | UserRights.Write;
        Page own = parent.Map(Base, rw);
        Page next = parent.Map(Base + Page.Size, rw);
        Page shared = parent.Map(Base + (2 * Page.Size), rw, shared: true);
        own.Write(0, [1]);
        for (ulong i = 0; i < 3; i += 2)
        {
            Check.True(parent.Table.TryTakeForTransfer(Base + (i * Page.Size), forWrite: true, out _));
        }

        Check.Equal((2, 1, true), (own.References, own.UnpinnedReferences, own.IsPinned));
        UserPageTable child = UserPageTable.TryCreate()!;
        Check.True(parent.Table.TryCopyRange(child, 0, UserMemory.Limit, copyOnWrite: true));
        own.Write(0, [2]);
        Check.True(TryFind(parent.Table, Base, out Page found, out UserRights rights));
        Check.True(found == own && rights == rw, "the parent's page and its rights");
        Check.True(TryFind(child, Base, out Page copy, out rights));
        Check.True(copy != own && rights == rw, "the child's page and its rights");
        Span<byte> value = stackalloc byte[1];
        copy.Read(0, value);
        Check.Equal((byte)1, value[0], "what the child has");
        Check.Equal((2, 1), (own.References, copy.References));
        Check.True(TryFind(child, Base + Page.Size, out found, out rights));
        Check.True(found == next && rights == UserRights.Read, "the page that no device writes");
        Check.True(TryFind(child, Base + (2 * Page.Size), out found, out rights));
        Check.True(found == shared && rights == rw, "the shared page");
        Check.Equal((3, 2, true), (shared.References, shared.UnpinnedReferences, shared.IsPinned));
        own.Unpin();
        shared.Unpin();
        Check.Equal((1, false, 2, false), (own.References, own.IsPinned, shared.References, shared.IsPinned));
        child.Destroy();
        Check.Equal((1, 1, 1), (own.References, next.References, shared.References));
    }

    /// <summary>Everything that is mapped and every table is given back, over ranges that are sparse, dense and far apart.</summary>
    [KernelTest("memory.user_page_tables_leave_nothing_behind")]
    public static void NothingLeaks()
    {
        // The first time makes caches and slabs, too.
        FillAndEmpty();
        FrameAllocator.DrainCaches();
        nuint before = FrameAllocator.FreeFrames;
        for (int i = 0; i < 5; i++)
        {
            FillAndEmpty();
        }

        nuint after = FrameAllocator.FreeFrames;
        Check.InRange((long)before - 16, (long)before + 16, (long)after, "free frames before and after");
    }

    /// <summary>Pages move to where nothing is, across tables whose parts do not fit each other, with contents and rights.</summary>
    [KernelTest("memory.user_pages_move")]
    public static void Move()
    {
        const ulong target = 0x7000_1234_5000;
        const ulong bytes = 1100ul * Page.Size;
        using UserProgram program = new(UserCode.Load);
        for (ulong offset = 0; offset < bytes; offset += 3 * Page.Size)
        {
            program.Map(Base + offset, UserRights.Read).Write(0, BitConverter.GetBytes(offset));
        }

        ulong mapped = program.Table.MappedPages;
        ulong tables = program.Table.TableBytes;
        Check.True(program.Table.Move(Base, target, bytes));
        Check.Equal(mapped, program.Table.MappedPages, "pages");
        Span<byte> word = stackalloc byte[8];
        for (ulong offset = 0; offset < bytes; offset += Page.Size)
        {
            Check.False(TryFind(program.Table, Base + offset, out _, out _), "something is left at the old place");
            bool found = TryFind(program.Table, target + offset, out Page page, out UserRights rights);
            Check.Equal(offset % (3 * Page.Size) == 0, found, $"a page at offset {offset:x}");
            if (found)
            {
                page.Read(0, word);
                Check.Equal(offset, BitConverter.ToUInt64(word), "contents");
                Check.Equal(UserRights.Read, rights);
            }
        }

        program.Table.Unmap(target, target + bytes);
        Check.True(program.Table.TableBytes < tables, $"tables are freed: {program.Table.TableBytes} bytes of {tables} are left");
    }

    /// <summary>Rights change for all pages of a range and no others; a page without rights is kept and comes back.</summary>
    [KernelTest("memory.user_protection_changes_for_a_range")]
    public static void Protect()
    {
        using UserProgram program = new(UserCode.Load);
        for (ulong i = 0; i < 8; i++)
        {
            program.Map(Base + (i * Page.Size), UserRights.Read | UserRights.Write, shared: i >= 4);
        }

        program.Table.Protect(Base + Page.Size, Base + (7 * Page.Size), UserRights.None);
        Check.Equal(8ul, program.Table.MappedPages - 3, "pages stay");
        program.Table.Protect(Base + Page.Size, Base + (7 * Page.Size), UserRights.Read | UserRights.Write);
        for (ulong i = 0; i < 8; i++)
        {
            Check.True(TryFind(program.Table, Base + (i * Page.Size), out _, out UserRights rights));
            bool writable = i is 0 or >= 4;
            Check.Equal(writable ? UserRights.Read | UserRights.Write : UserRights.Read, rights, $"rights of page {i}: a private one is written to through Replace only");
        }
    }

    /// <summary>A page that another CPU reads in user mode is gone for it when Unmap returns: it faults, and never sees the frame's next contents.</summary>
    [KernelTest("memory.user_unmapping_stops_other_cpus")]
    public static void ShootDown()
    {
        if (RunQueues.Count < 2)
        {
            Check.Skip("needs two CPUs");
        }

        using UserProgram program = new(UserCode.ReadLoop);
        for (int round = 0; round < 20; round++)
        {
            Page page = program.Map(Base, UserRights.Read);
            UserContext context = UserProgram.NewContext();
            context.Registers.Rbx = Base;
            context.Registers.Rbp = UserProgram.Data;
            ulong start = program.ReadData(0);
            TestTasks.Run(2, i => new TaskOptions { Name = i == 0 ? "reads" : "unmaps", Affinity = CpuSet.Of(i) }, i =>
            {
                if (i == 0)
                {
                    program.Table.AttachTo(TaskStruct.Current.Thread);
                    Check.Equal(UserExit.Exception, context.Run());
                    Check.Equal(14ul, context.Registers.Vector, "vector");
                    UserProgram.CheckAddress(Base, context.FaultAddress, "where it faulted");
                    Check.Equal(0ul, context.Registers.Rax, "what it read last");
                    UserPageTable.Detach(TaskStruct.Current.Thread);
                    return;
                }

                while (program.ReadData(0) < start + 100)
                {
                    Thread.SpinWait(10);
                }

                page.AddReference();
                program.Table.Unmap(Base, Base + Page.Size);
                Check.Equal(1, page.References);
                page.Write(0, BitConverter.GetBytes(ulong.MaxValue));
                page.Release();
            });
            context.Release();
        }
    }

    /// <summary>Threads of one address space on all CPUs write while others take their pages away and give them back; nothing is lost and nothing wrong is seen.</summary>
    [KernelTest("memory.user_tables_change_under_running_threads")]
    public static void Churn()
    {
        const ulong pages = 64;
        using UserProgram program = new(UserCode.Touch);
        int running = RunQueues.Count;
        int workers = running;
        TestTasks.Run(workers + 1, i => new TaskOptions { Name = $"toucher-{i}" }, i =>
        {
            if (i == workers)
            {
                while (Volatile.Read(ref running) != 0)
                {
                    program.Table.Unmap(Base, Base + (pages * Page.Size));
                    KernelTask.Sleep(200_000);
                    program.Table.Protect(Base, Base + (pages * Page.Size), UserRights.Read);
                    KernelTask.Sleep(200_000);
                }

                return;
            }

            program.Table.AttachTo(TaskStruct.Current.Thread);
            UserContext context = UserProgram.NewContext();
            for (int round = 0; round < 60; round++)
            {
                context.Registers.Rip = UserProgram.Code;
                context.Registers.Rbx = Base;
                context.Registers.R15 = pages;
                while (context.Run() == UserExit.Exception)
                {
                    Check.Equal(14ul, context.Registers.Vector, "vector");
                    ulong address = context.Registers.Rbx;
                    Check.InRange(Base, Base + ((pages - 1) * Page.Size), address, "address");
                    Resolve(program.Table, address);
                }
            }

            UserPageTable.Detach(TaskStruct.Current.Thread);
            context.Release();
            Interlocked.Decrement(ref running);
        });
    }

    private static void Resolve(UserPageTable table, ulong address)
    {
        const UserRights writable = UserRights.Read | UserRights.Write;
        if (table.TryTake(address, out Page found, out _))
        {
            table.Replace(address, found, found, writable);
            found.Release();
        }
        else if (Page.TryAllocate(out Page page) && !table.TryMap(address, page, writable))
        {
            page.Release();
        }
    }

    private static void FillAndEmpty()
    {
        UserPageTable table = UserPageTable.TryCreate()!;
        UserPageTable copy = UserPageTable.TryCreate()!;
        for (int i = 0; i < 3000; i++)
        {
            ulong address = i < 1500 ? Base + ((ulong)i * Page.Size) : (ulong)i * 0xA_1234_5000 % (UserMemory.Limit - Page.Size) & ~0xFFFul;
            Check.True(Page.TryAllocate(out Page page));
            if (!table.TryMap(address, page, UserRights.Read | UserRights.Write))
            {
                page.Release();
            }
        }

        Check.True(table.TryCopyRange(copy, 0, UserMemory.Limit, copyOnWrite: true));
        Check.Equal(table.MappedPages, copy.MappedPages);
        copy.Unmap(Base, Base + (1500ul * Page.Size));
        Check.Equal(table.MappedPages - 1500, copy.MappedPages);
        copy.Unmap(0, UserMemory.Limit);
        Check.Equal(0ul, copy.MappedPages);
        Check.Equal((ulong)Page.Size, copy.TableBytes, "the top table is left");
        copy.Destroy();
        table.Destroy();
    }

    // What is mapped at an address, without a reference.
    private static bool TryFind(UserPageTable table, ulong address, out Page page, out UserRights rights)
    {
        bool found = table.TryTake(address, out page, out rights);
        if (found)
        {
            page.Release();
        }

        return found;
    }
}
