using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.DriverTests;

/// <summary>Drivers that are stopped while their device is open, and while several CPUs open, use and close it.</summary>
public static class UnloadTests
{
    private const ulong Millisecond = 1_000_000;

    /// <summary>The high precision event timers.</summary>
    [KernelTest("driver.hpet_is_unloaded_under_load")]
    public static void Hpet() => Test("hpet", new DeviceNumber(10, 228), OpenFlags.ReadOnly);

    /// <summary>The clock.</summary>
    [KernelTest("driver.rtc_is_unloaded_under_load")]
    public static void Rtc() => Test("rtc", new DeviceNumber(250, 0), OpenFlags.ReadOnly);

    /// <summary>The framebuffer, which is read.</summary>
    [KernelTest("driver.framebuffer_is_unloaded_under_load")]
    public static void Framebuffer() => Test("framebuffer", new DeviceNumber(29, 0), OpenFlags.ReadWrite);

    /// <summary>The host's random numbers.</summary>
    [KernelTest("driver.virtio_rng_is_unloaded_under_load")]
    public static void HardwareRandom() => Test("virtio_rng", new DeviceNumber(10, 183), OpenFlags.ReadOnly);

    /// <summary>The host's console, which is written.</summary>
    [KernelTest("driver.virtio_console_is_unloaded_under_load")]
    public static void VirtioConsole() => Test("virtio_console", new DeviceNumber(229, 0), OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);

    /// <summary>A serial line.</summary>
    [KernelTest("driver.serial_line_is_unloaded_under_load")]
    public static void SerialLine() => Test("serial_tty", new DeviceNumber(4, 65), OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);

    /// <summary>The nodes of input devices.</summary>
    [KernelTest("driver.evdev_is_unloaded_under_load")]
    public static void Evdev() => Test("evdev", new DeviceNumber(13, 64), OpenFlags.ReadOnly | OpenFlags.NonBlocking);

    private static void Test(string name, DeviceNumber number, OpenFlags flags)
    {
        const int Rounds = 20;
        ModuleEntry entry = ModuleRegistry.Find(name) ?? throw new TestSkippedException($"there is no module '{name}' in this image");
        if (!entry.IsRunning || Open(number, flags, out OpenFile? first) != Errno.Ok)
        {
            throw new TestSkippedException($"this machine has no device {number.Major}:{number.Minor}");
        }

        // Open: refused, and the device works as before.
        InvalidOperationException refused = Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
        Check.True(refused.Message.Contains(name, StringComparison.Ordinal), refused.Message);
        Use(first!);
        first!.Release();

        // Who has found the device before the stop opens nothing after it, also when the module runs again: that is another device.
        CharacterDevice stale = CharacterDevices.Find(number)!;
        StopWhenUnused(entry);
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.Equal(Errno.ENXIO, Open(stale, number, flags, out _), "a device of a run that is over");
        Check.Equal(0, entry.Uses);

        var load = new Load(number, flags);
        TaskStruct[] users = new TaskStruct[3];
        for (int i = 0; i < users.Length; i++)
        {
            users[i] = KernelTask.Start("user", load.Run);
        }

        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                StopWhenUnused(entry);
                Check.True(Open(number, flags, out _) != Errno.Ok, "a module that was stopped has no device");
                Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
                long before = load.Uses;
                for (int waited = 0; load.Uses == before; waited++)
                {
                    Check.True(waited < 20_000, "the device is used again");
                    KernelTask.Sleep(Millisecond);
                }
            }
        }
        finally
        {
            load.Stop();
            Array.ForEach(users, user => user.Join());
        }

        Check.Equal(0, entry.Uses);
        Check.Equal(0L, entry.Faults);
    }

    // Each use is short, so that the stop finds a gap.
    private static void StopWhenUnused(ModuleEntry entry)
    {
        while (entry.IsRunning)
        {
            try
            {
                ModuleRegistry.Stop(entry);
            }
            catch (InvalidOperationException)
            {
                KernelTask.Yield();
            }
        }
    }

    private static void Use(OpenFile file)
    {
        var source = new DataSource("x"u8);
        file.Write(ref source, OpenFile.AtPosition);
        file.Poll(null);
        file.Control(0xFFFF_FFFF, 0);
    }

    private static Errno Open(DeviceNumber number, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        return CharacterDevices.Find(number) is { } device ? Open(device, number, flags, out file) : Errno.ENXIO;
    }

    private static Errno Open(CharacterDevice device, DeviceNumber number, OpenFlags flags, out OpenFile? file)
    {
        var tmpfs = new TmpfsFileSystem(new TmpfsType("test"), new TmpfsOptions());
        Inode? node;
        using (tmpfs.Top.DirectoryLock.Enter())
        {
            Check.Equal(Errno.Ok, tmpfs.Top.Create("node"u8, new NewInode(FileMode.CharacterDevice | 0x1B6, 0, 0, number), out node));
        }

        return device.Open(default, node!, flags, out file);
    }

    private sealed class Load(DeviceNumber number, OpenFlags flags)
    {
        [Atomic]
        private volatile bool _stop;

        [Atomic]
        private long _uses;

        public long Uses => Volatile.Read(ref _uses);

        public void Stop() => _stop = true;

        public void Run()
        {
            while (!_stop)
            {
                if (Open(number, flags, out OpenFile? file) == Errno.Ok)
                {
                    Use(file!);
                    file!.Release();
                    Interlocked.Increment(ref _uses);
                }

                // Three users without a pause would leave no gap.
                KernelTask.Sleep(Millisecond);
            }
        }
    }
}
