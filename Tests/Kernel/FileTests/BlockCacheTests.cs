using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Files;

/// <summary>The cache of a block device beside transfers that go past it, each in the order that matters.</summary>
public static class BlockCacheTests
{
    private const int Size = Page.Size;

    /// <summary>A page that somebody has a reference to leaves the cache all the same when the device is written past it.</summary>
    [MightSleep]
    [KernelTest("block.a_page_in_use_is_not_what_is_read_after_a_direct_write")]
    public static void PageInUse()
    {
        using var disk = new HeldDisk();
        OpenFile cached = disk.Open();
        OpenFile direct = disk.Open(OpenFlags.ReadWrite | OpenFlags.Direct);
        Check.Equal((byte)0, ReadOne(cached));
        Check.Equal(Errno.Ok, cached.GetMappedObject(out MappedObject? pages));
        Check.True(pages!.TryFindPage(0, out Page used));
        Write(direct, 7);
        Check.Equal((byte)7, ReadOne(cached));
        Check.Equal((byte)7, ReadOne(direct));
        used.Release();
        cached.Release();
        direct.Release();
    }

    /// <summary>A page whose reading began before the device was written, and ended afterwards, does not stay.</summary>
    [MightSleep]
    [KernelTest("block.a_page_that_was_being_read_is_not_what_is_read_after_a_direct_write")]
    public static void PageBeingRead()
    {
        using var disk = new HeldDisk();
        OpenFile cached = disk.Open();
        OpenFile direct = disk.Open(OpenFlags.ReadWrite | OpenFlags.Direct);
        disk.HoldNext(BlockOperation.Read);
        TaskStruct reader = KernelTask.Start("reader", () => _ = ReadOne(cached));
        AwaitHeld(disk);
        TaskStruct writer = KernelTask.Start("writer", () => Write(direct, 7));

        // It waits for the page, or has written without.
        while (writer.State < TaskState.Zombie && writer.WaitChannel != "disk page")
        {
            KernelTask.Sleep(1_000_000);
        }

        disk.Release();
        writer.Join();
        reader.Join();
        Check.Equal((byte)7, ReadOne(cached));
        cached.Release();
        direct.Release();
    }

    /// <summary>A page that is being written back has old content: it does not stay either, though write-back and whoever waits for its end have references.</summary>
    [MightSleep]
    [KernelTest("block.a_page_that_was_being_written_is_not_what_is_read_after_a_direct_write")]
    public static void PageBeingWritten()
    {
        using var disk = new HeldDisk();
        OpenFile cached = disk.Open();
        OpenFile direct = disk.Open(OpenFlags.ReadWrite | OpenFlags.Direct);
        Write(cached, 5);
        disk.HoldNext(BlockOperation.Write);
        TaskStruct syncer = KernelTask.Start("syncer", () => Check.Equal(Errno.Ok, cached.Sync()));
        AwaitHeld(disk);
        TaskStruct writer = KernelTask.Start("writer", () => Write(direct, 7));
        while (writer.State < TaskState.Zombie && writer.WaitChannel != "disk page")
        {
            KernelTask.Sleep(1_000_000);
        }

        disk.Release();
        writer.Join();
        syncer.Join();
        Check.Equal((byte)7, ReadOne(cached));
        cached.Release();
        direct.Release();
    }

    /// <summary>A page that was found and has left the cache before it is made dirty is found anew: what is written into it comes to the device.</summary>
    [MightSleep]
    [KernelTest("block.a_page_for_writing_is_the_one_that_is_written_back")]
    public static void PageForWriting()
    {
        using var disk = new HeldDisk();
        OpenFile cached = disk.Open();
        OpenFile direct = disk.Open(OpenFlags.ReadWrite | OpenFlags.Direct);
        Check.Equal(Errno.Ok, cached.GetMappedObject(out MappedObject? pages));
        Check.Equal(Errno.Ok, pages!.TryGetPage(0, forWrite: false, out Page old));
        Write(direct, 7);
        Check.Equal(Errno.Ok, pages.TryGetPage(0, forWrite: true, out Page present));
        Check.True(present != old, "the page that left is used again");
        byte[] value = new byte[Size];
        present.Read(0, value);
        Check.Equal((byte)7, value[0]);
        value.AsSpan().Fill(9);
        present.Write(0, value);
        Check.Equal(Errno.Ok, cached.Sync());
        Check.Equal((byte)9, ReadOne(direct));
        old.Release();
        present.Release();
        cached.Release();
        direct.Release();
    }

    /// <summary>A module is in use while its disk is open or mapped, and is not stopped meanwhile.</summary>
    [MightSleep]
    [KernelTest("block.a_module_stays_while_its_disk_is_open_or_mapped")]
    public static void ModuleStays()
    {
        ModuleContext context = FileTestModule.Context!;
        int before = context.Module.Uses;
        using var disk = new HeldDisk(context);
        Check.Equal(before, context.Module.Uses);
        OpenFile first = disk.Open();
        OpenFile second = disk.Open(OpenFlags.ReadOnly);
        Check.Equal(before + 2, context.Module.Uses);
        Check.Equal(Errno.Ok, first.GetMappedObject(out MappedObject? pages));
        Check.Equal(Errno.Ok, pages!.BeginMapping(sharedWritable: true));
        first.Release();
        second.Release();
        Check.Equal(before + 1, context.Module.Uses);
        Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(context.Module));
        Check.True(context.Module.IsRunning);
        pages.EndMapping(sharedWritable: true);
        Check.Equal(before, context.Module.Uses);
    }

    [MightSleep]
    private static void AwaitHeld(HeldDisk disk)
    {
        while (!disk.Holds)
        {
            KernelTask.Sleep(1_000_000);
        }
    }

    [MightSleep]
    private static void Write(OpenFile file, byte value)
    {
        byte[] bytes = new byte[Size];
        bytes.AsSpan().Fill(value);
        var source = new DataSource(bytes);
        Check.Equal((long)Size, file.Write(ref source, 0));
    }

    // The first byte of the first page, all of which must be the same.
    [MightSleep]
    private static byte ReadOne(OpenFile file)
    {
        byte[] bytes = new byte[Size];
        var sink = new DataSink(bytes);
        Check.Equal((long)Size, file.Read(ref sink, 0));
        Check.True(bytes.AsSpan().IndexOfAnyExcept(bytes[0]) < 0, "the page is torn");
        return bytes[0];
    }
}
