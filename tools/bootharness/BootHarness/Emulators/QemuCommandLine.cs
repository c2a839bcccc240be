using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>The files of one boot that QEMU's command line names.</summary>
/// <param name="MonitorSocket">UNIX socket on which the harness waits for QEMU's monitor.</param>
/// <param name="TraceFile">File for QEMU's own log, which names triple faults.</param>
/// <param name="Iso">CD-ROM image, or null.</param>
/// <param name="Firmware">OVMF's code and this machine's variables, or null for SeaBIOS.</param>
public sealed record QemuFiles(string MonitorSocket, string TraceFile, string? Iso, OvmfImages? Firmware);

/// <summary>Writes QEMU's command line.</summary>
public static class QemuCommandLine
{
    /// <summary>The port of <c>isa-debug-exit</c>.</summary>
    public const int DebugExitPort = 0xF4;

    /// <summary>QEMU's exit status after the kernel wrote 0x10 to the debug exit port: powered off.</summary>
    public const int PowerOffStatus = (0x10 << 1) | 1;

    /// <summary>QEMU's exit status after the kernel wrote 0x11 to the debug exit port: panic.</summary>
    public const int PanicStatus = (0x11 << 1) | 1;

    /// <summary>The arguments for a machine. The guest does not run before the monitor's <c>cont</c>.</summary>
    /// <param name="options">A valid description.</param>
    /// <param name="files">The files of this boot.</param>
    public static IReadOnlyList<string> Build(MachineOptions options, QemuFiles files)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(files);
        string machine = options.Machine == MachineType.Q35 ? "q35" : "pc";
        List<string> arguments = ["-nodefaults", "-vga", "std", "-display", "none", "-rtc", "base=utc"];
        if (options.MemoryMiB > 4096)
        {
            // The host need not have (or promise) the memory that the guest never touches.
            arguments.AddRange(["-object", Invariant($"memory-backend-ram,id=ram,size={options.MemoryMiB}M,reserve=off")]);
            machine += ",memory-backend=ram";
        }

        arguments.AddRange(["-machine", machine]);
        arguments.AddRange(["-m", Invariant($"{options.MemoryMiB}M"), "-smp", Invariant($"{options.Cpus}")]);
        arguments.AddRange(["-cpu", options.CpuModel ?? (options.Accelerator == Accelerator.Kvm ? "host" : "max")]);
        arguments.AddRange(["-accel", Acceleration(options)]);
        if (options.InstructionCounting)
        {
            arguments.AddRange(["-icount", "shift=0,sleep=off"]);

            // Else the CMOS clock would go on at the host's pace, which is not the guest's.
            arguments.AddRange(["-rtc", "base=utc,clock=vm"]);
        }

        if (files.Firmware is { } firmware)
        {
            arguments.AddRange(["-drive", $"if=pflash,format=raw,unit=0,readonly=on,file={Escape(firmware.Code)}"]);
            arguments.AddRange(["-drive", $"if=pflash,format=raw,unit=1,file={Escape(firmware.Variables)}"]);
        }

        if (files.Iso is { } iso)
        {
            arguments.AddRange(["-drive", $"if=ide,index=2,media=cdrom,format=raw,file={Escape(iso)}", "-boot", "d"]);
        }

        AddKernel(arguments, options);
        arguments.AddRange(["-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1"]);
        arguments.AddRange(["-chardev", $"socket,id=qmp,server=off,path={Escape(files.MonitorSocket)}", "-mon", "chardev=qmp,mode=control"]);
        arguments.AddRange(["-device", Invariant($"isa-debug-exit,iobase=0x{DebugExitPort:x},iosize=0x04")]);

        AddDevices(arguments, options);

        // A machine that ends is kept, so that its registers can be read and no event is lost.
        arguments.AddRange(["-action", "reboot=shutdown,shutdown=pause", "-d", "cpu_reset", "-D", files.TraceFile, "-S"]);
        arguments.AddRange(options.ExtraArguments);
        return arguments;
    }

    private static string Acceleration(MachineOptions options) => options switch
    {
        { Accelerator: Accelerator.Kvm } => "kvm",
        { InstructionCounting: true } => "tcg,thread=single",
        _ => "tcg,thread=multi",
    };

    // What a device names comes before it.
    private static void AddDevices(List<string> arguments, MachineOptions options)
    {
        foreach (string item in options.Objects)
        {
            arguments.AddRange(["-object", item]);
        }

        foreach (string item in options.CharacterDevices)
        {
            arguments.AddRange(["-chardev", item]);
        }

        foreach (string item in options.Drives)
        {
            arguments.AddRange(["-drive", "if=none," + item]);
        }

        for (int i = 0; i < options.Disks.Count; i++)
        {
            arguments.AddRange(["-drive", Invariant($"if=none,id=disk{i},format=raw,file={Escape(Path.GetFullPath(options.Disks[i]))}")]);
            arguments.AddRange(["-device", Invariant($"virtio-blk-pci,drive=disk{i}")]);
        }

        foreach (string item in options.Devices)
        {
            arguments.AddRange(["-device", item]);
        }
    }

    private static void AddKernel(List<string> arguments, MachineOptions options)
    {
        if (options.Kernel is not { } kernel)
        {
            return;
        }

        arguments.AddRange(["-kernel", Path.GetFullPath(kernel)]);
        if (options.Initrd is { } initrd)
        {
            arguments.AddRange(["-initrd", Path.GetFullPath(initrd)]);
        }

        if (options.Append.Length > 0)
        {
            arguments.AddRange(["-append", options.Append]);
        }
    }

    /// <summary>In QEMU's option lists a comma in a value is doubled.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
