using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;

namespace CosmosKernel.BootHarness;

/// <summary>The chipset that QEMU plays.</summary>
public enum MachineType
{
    /// <summary>ICH9, PCI Express, MCFG.</summary>
    Q35,

    /// <summary>i440FX with PIIX3, PCI only.</summary>
    Pc,
}

/// <summary>Who finds and starts the boot loader.</summary>
public enum FirmwareKind
{
    /// <summary>SeaBIOS in QEMU, the Bochs BIOS in Bochs.</summary>
    Bios,

    /// <summary>OVMF, QEMU only.</summary>
    Uefi,
}

/// <summary>Which program plays the machine.</summary>
public enum EmulatorKind
{
    /// <summary>qemu-system-x86_64.</summary>
    Qemu,

    /// <summary>bochs.</summary>
    Bochs,
}

/// <summary>How QEMU runs guest code.</summary>
public enum Accelerator
{
    /// <summary>Translation; works everywhere.</summary>
    Tcg,

    /// <summary>The host's processor, through /dev/kvm.</summary>
    Kvm,
}

/// <summary>One machine to boot: what is in it, what it boots, and when the boot is over.</summary>
public sealed record MachineOptions
{
    /// <summary>CD-ROM image to boot. One of this and <see cref="Kernel"/> is required.</summary>
    public string? Iso { get; init; }

    /// <summary>ELF that QEMU boots directly through its PVH note.</summary>
    public string? Kernel { get; init; }

    /// <summary>Initial RAM file system; only with <see cref="Kernel"/>.</summary>
    public string? Initrd { get; init; }

    /// <summary>Kernel options. With <see cref="Iso"/> they are written into a copy of the image, see <see cref="IsoCommandLine"/>.</summary>
    public string Append { get; init; } = "";

    /// <summary>Processors, 1 to 255.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Memory in MiB, 16 or more.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Chipset; Bochs always plays an i440FX.</summary>
    public MachineType Machine { get; init; } = MachineType.Q35;

    /// <summary>Firmware.</summary>
    public FirmwareKind Firmware { get; init; } = FirmwareKind.Bios;

    /// <summary>Emulator.</summary>
    public EmulatorKind Emulator { get; init; } = EmulatorKind.Qemu;

    /// <summary>How QEMU runs guest code.</summary>
    public Accelerator Accelerator { get; init; } = Accelerator.Tcg;

    /// <summary>Guest time counts instructions (QEMU <c>-icount shift=0,sleep=off</c>): figures repeat, processors share one host thread.</summary>
    public bool InstructionCounting { get; init; }

    /// <summary>Processor model by the emulator's name; null takes the default (QEMU: max, or host with KVM).</summary>
    public string? CpuModel { get; init; }

    /// <summary>Wall-clock limit of the whole boot.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Wall-clock limit of one in-kernel test, from its begin line; null for none.</summary>
    public TimeSpan? TestTimeout { get; init; }

    /// <summary>What is typed at the machine; null for nothing.</summary>
    public InputScript? Input { get; init; }

    /// <summary>The boot ends with success as soon as a line, or the unfinished last line, matches.</summary>
    public Regex? Until { get; init; }

    /// <summary>File that keeps everything (command line, serial bytes, verdict); null for none. Its folder is made.</summary>
    public string? LogPath { get; init; }

    /// <summary>ELF with the symbols of the kernel, to name what the processors were doing after a hang or a triple fault; by default <see cref="Kernel"/>.</summary>
    public string? Symbols { get; init; }

    /// <summary>Further devices, each as QEMU's <c>-device</c> takes it.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Raw images, each of which becomes a virtio disk with the drive id <c>disk0</c>, <c>disk1</c> and so on.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>Contents of disks for <see cref="Devices"/>, each as QEMU's <c>-drive</c> takes it; <c>if=none</c> is added.</summary>
    public IReadOnlyList<string> Drives { get; init; } = [];

    /// <summary>Host sides of <see cref="Devices"/>, each as QEMU's <c>-chardev</c> takes it.</summary>
    public IReadOnlyList<string> CharacterDevices { get; init; } = [];

    /// <summary>Host sides of <see cref="Devices"/>, each as QEMU's <c>-object</c> takes it.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    /// <summary>Further arguments for the emulator, as they stand.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>The emulator programs; by default <c>BOOT_QEMU</c> and <c>BOOT_BOCHS</c> or the usual names.</summary>
    public EmulatorPrograms Programs { get; init; } = EmulatorPrograms.FromEnvironment();

    /// <summary>True if the kernel is asked to run tests, so that a plan must come.</summary>
    public bool ExpectsTests => Regex.IsMatch(Append, @"(^|\s)test=\S");

    /// <summary>Checks the options against each other and against the file system.</summary>
    /// <exception cref="UsageException">They describe no machine that can be booted; the message names the option.</exception>
    public void Validate()
    {
        Require(Iso is null != Kernel is null, "one of --iso and --kernel is required, and not both");
        RequireFile(Iso, "--iso");
        RequireFile(Kernel, "--kernel");
        RequireFile(Initrd, "--initrd");
        RequireFile(Symbols, "--symbols");
        foreach (string disk in Disks)
        {
            RequireFile(disk, "--disk");
        }

        Require(Initrd is null || Kernel is not null, "--initrd goes with --kernel; an ISO brings its own");
        Require(Cpus is >= 1 and <= 255, $"--cpus is {Cpus}, but must be 1 to 255");
        Require(MemoryMiB >= 16, $"--memory is {MemoryMiB} MiB, but must be 16 or more");
        Require(Timeout > TimeSpan.Zero, "--timeout must be more than 0 seconds");
        Require(TestTimeout is null || TestTimeout > TimeSpan.Zero, "--test-timeout must be more than 0 seconds");
        Require(Kernel is null || Firmware == FirmwareKind.Bios, "--kernel boots with --firmware bios only: OVMF does not load PVH kernels");
        Require(!InstructionCounting || Accelerator == Accelerator.Tcg, "--icount needs --accel tcg: only translated code is counted");
        Require(Accelerator == Accelerator.Tcg || File.Exists("/dev/kvm"), "--accel kvm: this host has no /dev/kvm");
        Require(Append.AsSpan().IndexOfAny('\0', '\n', '\r') < 0, "--append holds a line end or a NUL");
        if (Emulator == EmulatorKind.Bochs)
        {
            Require(Iso is not null, "--emulator bochs boots an --iso only");
            Require(Firmware == FirmwareKind.Bios, "--emulator bochs has --firmware bios only");
            Require(Accelerator == Accelerator.Tcg, "--accel kvm is QEMU's; Bochs interprets");
            Require(!InstructionCounting, "--icount is QEMU's");
            int devices = Devices.Count + Disks.Count + Drives.Count + CharacterDevices.Count + Objects.Count;
            Require(devices == 0, "--device, --disk, --drive, --chardev and --object are QEMU's");
            Require(Cpus <= 8, $"--cpus is {Cpus}, but this Bochs has 8 at most");
            Require(Input is null || !Input.NeedsQemu, "the input script uses a command that only QEMU has (key, screenshot, power-button, nmi, monitor)");
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new UsageException(message);
        }
    }

    private static void RequireFile(string? path, string option)
    {
        Require(path is null || File.Exists(path), $"{option}: there is no file '{path}'");
    }
}

/// <summary>The emulator programs to start: names that are looked up in PATH, or paths.</summary>
/// <param name="Qemu">qemu-system-x86_64 or what takes its arguments.</param>
/// <param name="Bochs">bochs or what takes its arguments.</param>
public sealed record EmulatorPrograms(string Qemu, string Bochs)
{
    /// <summary>What <c>BOOT_QEMU</c> and <c>BOOT_BOCHS</c> name, else the usual programs.</summary>
    public static EmulatorPrograms FromEnvironment() => new(
        Environment.GetEnvironmentVariable("BOOT_QEMU") is { Length: > 0 } qemu ? qemu : "qemu-system-x86_64",
        Environment.GetEnvironmentVariable("BOOT_BOCHS") is { Length: > 0 } bochs ? bochs : "bochs");
}

/// <summary>What was asked for makes no sense; nothing was booted.</summary>
/// <param name="message">What is wrong, naming the option.</param>
public sealed class UsageException(string message) : Exception(message);
