using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>Writes Bochs's configuration file (bochsrc(5), Bochs 2.7).</summary>
public static class BochsConfiguration
{
    /// <summary>The processor that Bochs plays unless another is asked for: SMEP, SMAP, UMIP, x2APIC and TSC-deadline are in it.</summary>
    public const string DefaultCpuModel = "corei7_icelake_u";

    private static readonly string[] s_biosCandidates =
    [
        "/usr/share/bochs/BIOS-bochs-latest",
        "/usr/local/share/bochs/BIOS-bochs-latest",
    ];

    private static readonly string[] s_vgaBiosCandidates =
    [
        "/usr/share/seabios/vgabios-stdvga.bin",
        "/usr/share/bochs/VGABIOS-lgpl-latest",
        "/usr/local/share/bochs/VGABIOS-lgpl-latest",
    ];

    /// <summary>The text of the configuration file.</summary>
    /// <param name="options">A valid description.</param>
    /// <param name="iso">The CD-ROM image.</param>
    /// <param name="serialPort">TCP port on the loopback interface to which Bochs connects the first serial port.</param>
    /// <param name="log">File for Bochs's own log.</param>
    /// <exception cref="UsageException">The firmware images are not installed, or a path cannot be written in the file.</exception>
    public static string Build(MachineOptions options, string iso, int serialPort, string log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(iso);
        if (iso.AsSpan().IndexOfAny(",\"\n") >= 0)
        {
            throw new UsageException($"--iso: Bochs takes no path with a comma or a quotation mark: {iso}");
        }

        // The display is rfb (the packaged Bochs has no other that needs no terminal); it takes the next free port by itself.
        return string.Create(CultureInfo.InvariantCulture, $"""
            megs: {options.MemoryMiB}
            cpu: model={options.CpuModel ?? DefaultCpuModel}, count={options.Cpus}, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1
            romimage: file={Find(s_biosCandidates, "bochsbios")}
            vgaromimage: file={Find(s_vgaBiosCandidates, "seabios")}
            pci: enabled=1, chipset=i440fx
            display_library: rfb, options="timeout=0"
            ata0-master: type=cdrom, path="{Path.GetFullPath(iso)}", status=inserted
            boot: cdrom
            mouse: enabled=0
            com1: enabled=1, mode=socket-client, dev=localhost:{serialPort}
            log: {log}
            panic: action=fatal
            error: action=report
            info: action=report
            debug: action=ignore

            """);
    }

    private static string Find(string[] candidates, string package) =>
        candidates.FirstOrDefault(File.Exists)
        ?? throw new UsageException($"--emulator bochs needs {candidates[0]}: install the package '{package}'");
}
