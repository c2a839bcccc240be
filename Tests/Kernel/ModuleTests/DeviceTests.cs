using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tests.Modules;

/// <summary>Character devices of modules: what they give and take, and that a module stays while one of them is open.</summary>
public static class DeviceTests
{
    private const uint Major = 200;

    /// <summary>Read and write reach the device; when it is gone, its number is nobody's.</summary>
    [KernelTest("module.a_character_device_is_opened_by_its_number")]
    public static void IsOpenedByItsNumber()
    {
        using var scratch = new Scratch();
        var driver = new EchoDriver();
        ModuleEntry entry = scratch.Add("test-echo", context =>
        {
            DeviceRegistration device = context.AddCharacterDevice(new DeviceNodeOptions { Name = "test-echo", Major = Major, FirstMinor = 7 }, driver);
            Check.Equal(Major, device.Major);
            Check.Throws<InvalidOperationException>(() => context.AddCharacterDevice(new DeviceNodeOptions { Name = "other", Major = Major, FirstMinor = 7 }, driver));
            Check.Throws<InvalidOperationException>(() => context.AddCharacterDevice(new DeviceNodeOptions { Name = "test-echo", Major = Major, FirstMinor = 8 }, driver));
            Check.Throws<ArgumentException>(() => context.AddCharacterDevice(new DeviceNodeOptions { Name = "../escape", Major = Major, FirstMinor = 9 }, driver));
            Check.Equal(Errno.ENXIO, Open(7, out _), "before the start is over");
        });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.Equal(Errno.Ok, Open(7, out OpenFile? file));
        var source = new DataSource("hello"u8);
        Check.Equal(5L, file!.Write(ref source, OpenFile.AtPosition));
        byte[] bytes = new byte[8];
        var sink = new DataSink(bytes);
        Check.Equal(5L, file.Read(ref sink, OpenFile.AtPosition));
        Check.SequenceEqual<byte>("hello"u8, bytes.AsSpan(0, 5));
        Check.Equal(-(long)Errno.ENOTTY, file.Control(1, 0));
        Check.Equal(-(long)Errno.ESPIPE, file.Seek(0, 0));
        Check.Equal(1, entry.Uses);
        InvalidOperationException refused = Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
        Check.True(refused.Message.Contains("open", StringComparison.Ordinal), refused.Message);
        file.Release();
        Check.Equal(1, driver.Closed);
        Check.Equal(0, entry.Uses);
        ModuleRegistry.Stop(entry);
        Check.Equal(Errno.ENXIO, Open(7, out _));
        Check.Equal(Errno.ENXIO, Open(8, out _));
    }

    /// <summary>An exception in any operation is the caller's EIO and the module's fault; the kernel lives, and the module goes on.</summary>
    [KernelTest("module.a_device_that_throws_gives_eio")]
    public static void ThrowingGivesEio()
    {
        using var scratch = new Scratch();
        ModuleEntry entry = scratch.Add("test-throws", context => context.AddCharacterDevice(new DeviceNodeOptions { Name = "test-throws", Major = Major, Count = 2 }, new ThrowingDriver()));
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.Equal(Errno.EIO, Open(1, out _));
        Check.Equal(0, entry.Uses, "an opening that failed");
        Check.Equal(Errno.Ok, Open(0, out OpenFile? file));
        var sink = new DataSink(new byte[1]);
        var source = new DataSource("x"u8);
        Check.Equal(-(long)Errno.EIO, file!.Read(ref sink, OpenFile.AtPosition));
        Check.Equal(-(long)Errno.ENOMEM, file.Write(ref source, OpenFile.AtPosition));
        Check.Equal(-(long)Errno.EIO, file.Control(1, 0));
        Check.Equal(PollEvents.Error, file.Poll(null));
        Check.Equal(Errno.EIO, file.GetMappedObject(out _));
        file.Release();
        Check.Equal(6L, entry.Faults);
        Check.Equal(0, entry.Uses);
        Check.True(Array.Exists(Kernel.Lines(), line => line.Contains("module test-throws 1.0.0: exception in read of /dev/test-throws: ", StringComparison.Ordinal)
            && line.Contains("read failed on purpose", StringComparison.Ordinal) && line.Contains("ThrowingFile", StringComparison.Ordinal)), "the log has name and stack");
        ModuleRegistry.Stop(entry);
    }

    /// <summary>
    /// The race of open against unload, both ways by construction: a driver's Open that is under way keeps the module, and once a stop has begun, no Open is called any more.
    /// </summary>
    [KernelTest("module.open_and_stop_exclude_each_other")]
    public static void OpenAndStopExcludeEachOther()
    {
        using var scratch = new Scratch();
        var driver = new HeldDriver();
        var stop = new Semaphore("stop", 0);
        var stopping = new Completion("stopping");
        ModuleEntry entry = scratch.Add("test-race", context => context.AddCharacterDevice(new DeviceNodeOptions { Name = "test-race", Major = Major }, driver), () =>
        {
            stopping.Complete();
            stop.Wait();
        });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");

        // A task stands inside of the driver's Open.
        Errno opened = Errno.EINVAL;
        OpenFile? file = null;
        TaskStruct opener = KernelTask.Start("opener", () => opened = Open(0, out file));
        driver.Inside.Wait();
        Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
        Check.True(entry.IsRunning, "it runs on");
        driver.Go.Release();
        opener.Join();
        Check.Equal(Errno.Ok, opened);
        file!.Release();

        // A stop stands inside of the module's Stop.
        TaskStruct stopper = KernelTask.Start("stopper", () => ModuleRegistry.Stop(entry));
        stopping.Wait();
        int before = driver.Opens;
        Check.Equal(Errno.ENXIO, Open(0, out _));
        Check.Equal(before, driver.Opens, "Open was called");
        stop.Release();
        stopper.Join();
        Check.False(entry.IsRunning);
    }

    /// <summary>Openings by several CPUs while the module is stopped and started again and again: each one works or is refused, none meets a module that is gone.</summary>
    [KernelTest("module.devices_survive_stops_under_load")]
    public static void StopsUnderLoad()
    {
        const int Rounds = 200;
        using var scratch = new Scratch();
        var driver = new LiveDriver();
        ModuleEntry entry = scratch.Add("test-load", context =>
        {
            Volatile.Write(ref driver.IsAlive, true);
            context.AddCharacterDevice(new DeviceNodeOptions { Name = "test-load", Major = Major }, driver);
        }, () => Volatile.Write(ref driver.IsAlive, false));
        bool done = false;
        long opens = 0;
        TaskStruct[] users = new TaskStruct[3];
        for (int i = 0; i < users.Length; i++)
        {
            users[i] = KernelTask.Start("user", () =>
            {
                while (!Volatile.Read(ref done))
                {
                    if (Open(0, out OpenFile? file) == Errno.Ok)
                    {
                        var sink = new DataSink(new byte[1]);
                        file!.Read(ref sink, OpenFile.AtPosition);
                        file.Release();
                        Interlocked.Increment(ref opens);
                    }

                    KernelTask.Yield();
                }
            });
        }

        int stops = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
            while (entry.IsRunning)
            {
                try
                {
                    ModuleRegistry.Stop(entry);
                    stops++;
                }
                catch (InvalidOperationException)
                {
                    KernelTask.Yield();
                }
            }
        }

        // Somebody opens it at least once, whatever the scheduling was.
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        long seen = Volatile.Read(ref opens);
        while (Volatile.Read(ref opens) == seen)
        {
            KernelTask.Sleep(1_000_000);
        }

        Volatile.Write(ref done, true);
        Array.ForEach(users, user => user.Join());
        Check.Equal(Rounds, stops);
        Check.Equal(0, Volatile.Read(ref driver.Violations));
        Check.Equal(0, entry.Uses);
    }

    /// <summary>Opens a node as one anywhere in the tree is opened.</summary>
    [MightSleep]
    private static Errno Open(uint minor, out OpenFile? file)
    {
        file = null;
        var number = new DeviceNumber(Major, minor);
        if (CharacterDevices.Find(number) is not { } device)
        {
            return Errno.ENXIO;
        }

        var tmpfs = new TmpfsFileSystem(new TmpfsType("test"), new TmpfsOptions());
        Inode? node;
        using (tmpfs.Top.DirectoryLock.Enter())
        {
            Check.Equal(Errno.Ok, tmpfs.Top.Create("node"u8, new NewInode(FileMode.CharacterDevice | 0x1B6, 0, 0, number), out node));
        }

        return device.Open(default, node!, OpenFlags.ReadWrite, out file);
    }

    private static class Kernel
    {
        public static string[] Lines() => Array.ConvertAll(CosmosKernel.Modules.Log.KernelLog.Lines, line => line.Text);
    }

    private sealed class EchoDriver : CharacterDeviceDriver
    {
        [Atomic]
        public int Closed;

        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = new EchoFile(this);
            return Errno.Ok;
        }
    }

    private sealed class EchoFile(EchoDriver driver) : DeviceFile
    {
        [Protocol("One task at a time uses the file of this test.")]
        private byte[] _bytes = [];

        [MightSleep]
        public override long Read(ref DataSink to, long offset)
        {
            Check.Equal(-1L, offset, "without a position");
            return to.Write(_bytes);
        }

        [MightSleep]
        public override long Write(ref DataSource from, long offset)
        {
            _bytes = new byte[from.Remaining];
            return from.Read(_bytes);
        }

        [MightSleep]
        public override void Closed() => Interlocked.Increment(ref driver.Closed);
    }

    private sealed class ThrowingDriver : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = minor == 0 ? new ThrowingFile() : throw new InvalidOperationException("open failed on purpose");
            return Errno.Ok;
        }
    }

    private sealed class ThrowingFile : DeviceFile
    {
        [MightSleep]
        public override long Read(ref DataSink to, long offset) => throw new InvalidOperationException("read failed on purpose");

        [MightSleep]
        public override long Write(ref DataSource from, long offset) => throw new OutOfMemoryException("on purpose");

        [MightSleep]
        public override long Control(uint request, ControlArgument argument) => throw new NotSupportedException("ioctl failed on purpose");

        public override PollEvents Poll(CosmosKernel.Files.Polling.PollWatcher? watcher) => throw new InvalidOperationException("poll failed on purpose");

        [MightSleep]
        public override Errno GetMappedObject(out CosmosKernel.Files.MappedObject? mapped) => throw new InvalidOperationException("mmap failed on purpose");

        [MightSleep]
        public override void Closed() => throw new InvalidOperationException("close failed on purpose");
    }

    private sealed class HeldDriver : CharacterDeviceDriver
    {
        [Atomic]
        private int _opens;

        public Completion Inside { get; } = new("inside");

        public Semaphore Go { get; } = new("go", 0);

        public int Opens => Volatile.Read(ref _opens);

        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            Interlocked.Increment(ref _opens);
            Inside.Complete();
            Go.Wait();
            file = new QuietFile();
            return Errno.Ok;
        }
    }

    private sealed class QuietFile : DeviceFile;

    private sealed class LiveDriver : CharacterDeviceDriver
    {
        [Atomic]
        public bool IsAlive;

        [Atomic]
        public int Violations;

        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = new LiveFile(this);
            Look();
            return Errno.Ok;
        }

        public void Look()
        {
            if (!Volatile.Read(ref IsAlive))
            {
                Interlocked.Increment(ref Violations);
            }
        }
    }

    private sealed class LiveFile(LiveDriver driver) : DeviceFile
    {
        [MightSleep]
        public override long Read(ref DataSink to, long offset)
        {
            driver.Look();
            return 0;
        }

        [MightSleep]
        public override void Closed() => driver.Look();
    }
}
