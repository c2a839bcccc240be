using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.VirtioConsole;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.VirtioTests;

/// <summary>A virtio console: <c>tools/boot --device virtio-serial-pci --chardev null,id=c --device virtconsole,chardev=c</c>.</summary>
public static class ConsoleTests
{
    private const OpenFlags Flags = OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal;
    private static readonly DeviceNumber s_number = new(229, 0);

    /// <summary>The device breaks while a task sleeps in a read: the read ends, nothing waits to be sent, a write fails, nobody opens it any more, even while a file is open; when the driver has started again, all is well.</summary>
    [KernelTest("driver.virtio_console_that_breaks_hangs_up_its_terminal")]
    public static void BreaksAndHangsUp()
    {
        ModuleEntry entry = VirtioTestModule.Find("virtio_console");
        if (((VirtioConsoleModule)entry.Module).Driver?.Find(0) is not { } console || Open(out OpenFile? file) != Errno.Ok)
        {
            throw new TestSkippedException("there is no virtio console");
        }

        var reader = new Reader(file!);
        TaskStruct task = KernelTask.Start("reader", reader.Run);
        Check.True(WaitFor(() => task.State == TaskState.Interruptible && task.WaitChannel == "terminal input"), "the reader sleeps");
        console.OnBroken("test");
        task.Join();
        Check.Equal(0L, reader.Result);
        Check.Equal(0, console.Unsent);
        var source = new DataSource("lost"u8);
        Check.Equal(-(long)Errno.EIO, file!.Write(ref source, OpenFile.AtPosition));
        Check.Equal(Errno.ENXIO, Open(out _));
        file.Release();
        Check.Equal(Errno.ENXIO, Open(out _));
        ModuleRegistry.Stop(entry);
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.Equal(Errno.Ok, Open(out file));
        source = new DataSource("back"u8);
        Check.Equal(4L, file!.Write(ref source, OpenFile.AtPosition));
        file.Release();
    }

    private static bool WaitFor(Func<bool> condition)
    {
        ulong deadline = Clock.MonotonicNanoseconds + 20_000_000_000;
        while (!condition())
        {
            if (Clock.MonotonicNanoseconds >= deadline)
            {
                return false;
            }

            KernelTask.Sleep(1_000_000);
        }

        return true;
    }

    private static Errno Open(out OpenFile? file)
    {
        file = null;
        if (CharacterDevices.Find(s_number) is not { } device)
        {
            return Errno.ENXIO;
        }

        var tmpfs = new TmpfsFileSystem(new TmpfsType("test"), new TmpfsOptions());
        Inode? node;
        using (tmpfs.Top.DirectoryLock.Enter())
        {
            Check.Equal(Errno.Ok, tmpfs.Top.Create("node"u8, new NewInode(FileMode.CharacterDevice | 0x1B6, 0, 0, s_number), out node));
        }

        return device.Open(default, node!, Flags, out file);
    }

    private sealed class Reader(OpenFile file)
    {
        [Atomic]
        private long _result = -1;

        public long Result => Volatile.Read(ref _result);

        public void Run()
        {
            var sink = new DataSink(new byte[1]);
            Volatile.Write(ref _result, file.Read(ref sink, OpenFile.AtPosition));
        }
    }
}
