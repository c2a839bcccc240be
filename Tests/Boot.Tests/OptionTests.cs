using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.BootHarness;
using CosmosKernel.BootHarness.Emulators;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Which machines are refused, and what QEMU is told about the others.</summary>
public sealed class OptionTests : IDisposable
{
    private static readonly QemuFiles s_files = new("/tmp/x,y/qmp", "/tmp/q.log", null, null);
    private readonly FakeMachine _machine = new();

    public static TheoryData<string, Func<MachineOptions, MachineOptions>> BadOptions => new()
    {
        { "--iso and --kernel", options => options with { Kernel = null } },
        { "--iso and --kernel", options => options with { Iso = options.Kernel } },
        { "no file '/nonexistent'", options => options with { Kernel = "/nonexistent" } },
        { "no file '/nonexistent'", options => options with { Initrd = "/nonexistent" } },
        { "--initrd goes with --kernel", options => options with { Iso = options.Kernel, Kernel = null, Initrd = options.Kernel } },
        { "--cpus is 0", options => options with { Cpus = 0 } },
        { "--cpus is 256", options => options with { Cpus = 256 } },
        { "--memory is 8", options => options with { MemoryMiB = 8 } },
        { "--timeout", options => options with { Timeout = TimeSpan.Zero } },
        { "--test-timeout", options => options with { TestTimeout = TimeSpan.Zero } },
        { "PVH", options => options with { Firmware = FirmwareKind.Uefi } },
        { "line end", options => options with { Append = "a\nb" } },
        { "boots an --iso", options => options with { Emulator = EmulatorKind.Bochs } },
        { "bios only", options => options with { Emulator = EmulatorKind.Bochs, Iso = options.Kernel, Kernel = null, Firmware = FirmwareKind.Uefi } },
        { "QEMU's", options => options with { Emulator = EmulatorKind.Bochs, Iso = options.Kernel, Kernel = null, InstructionCounting = true } },
        { "8 at most", options => options with { Emulator = EmulatorKind.Bochs, Iso = options.Kernel, Kernel = null, Cpus = 9 } },
    };

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void AMachineThatCannotBeBootedIsRefused(string message, Func<MachineOptions, MachineOptions> change)
    {
        MachineOptions good = _machine.Options();
        good.Validate();
        Assert.Contains(message, Assert.Throws<UsageException>(() => change(good).Validate()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("quiet", false)]
    [InlineData("mytest=1", false)]
    [InlineData("test=", false)]
    [InlineData("quiet test=*", true)]
    [InlineData("test=lock.*", true)]
    public void TestsAreExpectedWhenTheyAreAskedFor(string append, bool expected) =>
        Assert.Equal(expected, (_machine.Options() with { Append = append }).ExpectsTests);

    [Fact]
    public void QemuGetsThePlainMachine()
    {
        IReadOnlyList<string> arguments = QemuCommandLine.Build(_machine.Options() with { ExtraArguments = ["-s"] }, s_files);
        AssertPair(arguments, "-machine", "q35");
        AssertPair(arguments, "-smp", "1");
        AssertPair(arguments, "-m", "512M");
        AssertPair(arguments, "-cpu", "max");
        AssertPair(arguments, "-accel", "tcg,thread=multi");
        AssertPair(arguments, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
        AssertPair(arguments, "-chardev", "socket,id=qmp,server=off,path=/tmp/x,,y/qmp");
        Assert.DoesNotContain("-append", arguments);
        Assert.Equal("-s", arguments[^1]);
    }

    [Fact]
    public void QemuGetsEachDeviceBehindWhatItNames()
    {
        MachineOptions options = _machine.Options() with
        {
            Objects = ["rng-random,id=r"],
            CharacterDevices = ["null,id=c"],
            Drives = ["id=d,file=x"],
            Disks = ["a,b", "c"],
            Devices = ["virtio-rng-pci,rng=r", "virtio-blk-pci,drive=d"],
        };
        IReadOnlyList<string> arguments = QemuCommandLine.Build(options, s_files);
        AssertPair(arguments, "-object", "rng-random,id=r");
        AssertPair(arguments, "-chardev", "null,id=c");
        AssertPair(arguments, "-drive", "if=none,id=d,file=x");
        AssertPair(arguments, "-drive", $"if=none,id=disk0,format=raw,file={Path.GetFullPath("a,,b")}");
        AssertPair(arguments, "-device", "virtio-blk-pci,drive=disk0");
        AssertPair(arguments, "-device", "virtio-blk-pci,drive=disk1");
        List<string> list = [.. arguments];
        Assert.True(list.IndexOf("rng-random,id=r") < list.IndexOf("virtio-rng-pci,rng=r"));
        Assert.True(list.IndexOf("if=none,id=d,file=x") < list.IndexOf("virtio-blk-pci,drive=d"));
        Assert.Contains("--disk", Assert.Throws<UsageException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void QemuGetsEverythingThatWasAskedFor()
    {
        MachineOptions options = _machine.Options() with
        {
            Machine = MachineType.Pc,
            Cpus = 64,
            MemoryMiB = 65536,
            InstructionCounting = true,
            Append = "test=* quiet",
            CpuModel = "max,-erms",
        };
        IReadOnlyList<string> arguments = QemuCommandLine.Build(options with { Initrd = options.Kernel }, s_files);
        AssertPair(arguments, "-machine", "pc,memory-backend=ram");
        AssertPair(arguments, "-object", "memory-backend-ram,id=ram,size=65536M,reserve=off");
        AssertPair(arguments, "-smp", "64");
        AssertPair(arguments, "-icount", "shift=0,sleep=off");
        AssertPair(arguments, "-accel", "tcg,thread=single");
        AssertPair(arguments, "-cpu", "max,-erms");
        AssertPair(arguments, "-append", "test=* quiet");
        AssertPair(arguments, "-initrd", Path.GetFullPath(options.Kernel!));
    }

    [Fact]
    public void QemuGetsTheIsoAndTheFirmware()
    {
        MachineOptions options = _machine.Options() with { Firmware = FirmwareKind.Uefi, Accelerator = Accelerator.Kvm, Kernel = null };
        IReadOnlyList<string> arguments = QemuCommandLine.Build(
            options, s_files with { Iso = "/a.iso", Firmware = new OvmfImages("/code.fd", "/vars.fd") });
        AssertPair(arguments, "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=/code.fd");
        AssertPair(arguments, "-drive", "if=pflash,format=raw,unit=1,file=/vars.fd");
        AssertPair(arguments, "-drive", "if=ide,index=2,media=cdrom,format=raw,file=/a.iso");
        AssertPair(arguments, "-cpu", "host");
        AssertPair(arguments, "-accel", "kvm");
    }

    private static void AssertPair(IReadOnlyList<string> arguments, string option, string value) =>
        Assert.Contains((option, value), arguments.Zip(arguments.Skip(1)));
}
