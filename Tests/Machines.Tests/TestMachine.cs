using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>
/// Boots what <c>make test</c> has built, at most two machines at once, and keeps the log of each boot in
/// <c>build/boot</c> and the results of its in-kernel tests as JUnit XML in <c>build/test-results/boot</c>.
/// </summary>
internal static class TestMachine
{
    private static readonly SemaphoreSlim s_slots = new(2);
    private static readonly ProgressBoard s_board = new();

    /// <summary>The folder with the kernels and images: <c>COSMOSKERNEL_BUILD</c>, else <c>build</c> at the top of the tree.</summary>
    public static string BuildFolder { get; } = FindBuildFolder();

    /// <summary>The ISO with the in-kernel tests.</summary>
    public static string TestIso => Artifact("test.iso", "make test-iso");

    /// <summary>The kernel with the in-kernel tests.</summary>
    public static string TestKernel => Artifact("test-kernel.elf", "make test-kernel");

    /// <summary>The ISO that users boot.</summary>
    public static string Iso => Artifact("cosmoskernel.iso", "make iso");

    /// <summary>The kernel that users boot.</summary>
    public static string Kernel => Artifact("kernel.elf", "make kernel");

    /// <summary>The initramfs with the programs of <c>Tests/Programs</c>.</summary>
    public static string TestInitramfs => Artifact("test-initramfs.cpio.gz", "make test-initramfs");

    /// <summary>The ISO of the kernel that users boot, with that initramfs.</summary>
    public static string ProgramsIso => Artifact("programs.iso", "make programs-iso");

    /// <summary>The kernel that modules can be loaded into.</summary>
    public static string LoadableKernel => Artifact("loadable-kernel.elf", "make loadable-kernel");

    /// <summary>The initramfs with the programs that load modules into that kernel, and the modules of <c>Tests/LoadableModules</c>.</summary>
    public static string ModulePrograms => Artifact("module-programs.cpio.gz", "make modules-initramfs");

    /// <summary>The initramfs whose scripts load these modules with busybox's tools.</summary>
    public static string ModulesInitramfs => Artifact("modules-initramfs.cpio.gz", "make modules-initramfs");

    /// <summary>The initramfs whose scripts load these modules with Debian's kmod.</summary>
    public static string KmodInitramfs => Artifact("kmod-initramfs.cpio", "make modules-initramfs");

    /// <summary>The initramfs with programs of Debian and the scripts of <c>Tests/Programs/debian</c>.</summary>
    public static string DebianInitramfs => Artifact("debian-initramfs.cpio", "make debian-initramfs");

    /// <summary>The initramfs with Debian's stress programs and those of .NET.</summary>
    public static string LoadInitramfs => Artifact("load-initramfs.cpio", "make load-initramfs");

    /// <summary>A file of one boot, for example a screenshot.</summary>
    public static string FileOf(string name, string extension)
    {
        string folder = Path.Combine(BuildFolder, "boot");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name + extension);
    }

    /// <summary>Boots a machine and returns what it did, whatever that was.</summary>
    /// <param name="name">Name of the log file.</param>
    /// <param name="options">The machine.</param>
    /// <param name="output">Gets the results.</param>
    public static async Task<BootResult> BootAsync(string name, MachineOptions options, ITestOutputHelper output)
    {
        await s_slots.WaitAsync();
        try
        {
            using ProgressBoard.Entry entry = s_board.Add(name);
            BootResult result = await Machine.BootAsync(options with { LogPath = FileOf(name, ".log"), Symbols = SymbolsOf(options) }, entry);
            foreach (TestResult test in result.Tests)
            {
                output.WriteLine($"{test.Outcome,-7} {test.GuestTime.TotalMilliseconds,10:0.000} ms  {test.Name}  {test.Message}");
            }

            foreach (Figure figure in result.Figures)
            {
                output.WriteLine($"figure  {figure.Name} {figure.Value} {figure.Unit}");
            }

            output.WriteLine(result.Explain());
            return result;
        }
        finally
        {
            s_slots.Release();
        }
    }

    /// <summary>Boots a machine that has to run its in-kernel tests and switch itself off; anything else fails the test with what is known.</summary>
    /// <param name="name">Name of the log and of the result file.</param>
    /// <param name="options">The machine, with <c>test=</c> on its command line.</param>
    /// <param name="output">Gets the results.</param>
    /// <returns>What it did.</returns>
    public static async Task<BootResult> RunTestsAsync(string name, MachineOptions options, ITestOutputHelper output)
    {
        BootResult result = await BootAsync(name, options, output);
        JUnitWriter.Write(Path.Combine(BuildFolder, "test-results", "boot", name + ".xml"), name, result);
        Assert.True(result.Verdict == Verdict.PoweredOff, result.Explain());
        Assert.True(result.Count(TestOutcome.Passed) > 0, $"every test was skipped\n{result.Explain()}");
        AssertWholeMachineIsUsed(options, result);
        return result;
    }

    // The kernel knows only what firmware told it; this compares with the machine that was made.
    private static void AssertWholeMachineIsUsed(MachineOptions options, BootResult result)
    {
        foreach (Figure figure in result.Figures.Where(figure => figure.Name == "boot.cpus_online"))
        {
            Assert.Equal(options.Cpus, figure.Value);
        }

        decimal bytes = options.MemoryMiB * 1024m * 1024m;
        foreach (Figure figure in result.Figures.Where(figure => figure.Name == "boot.memory_usable"))
        {
            // Firmware keeps some for itself: UEFI tens of megabytes, BIOS less than one.
            decimal firmware = options.Firmware == FirmwareKind.Uefi ? 64 * 1024m * 1024m : 2 * 1024m * 1024m;
            Assert.InRange(figure.Value, bytes - firmware, bytes);
        }
    }

    /// <summary>Boots a machine that has to end in one way.</summary>
    public static async Task<BootResult> ExpectAsync(Verdict verdict, string name, MachineOptions options, ITestOutputHelper output)
    {
        BootResult result = await BootAsync(name, options, output);
        Assert.True(result.Verdict == verdict, $"expected: {BootResult.VerdictName(verdict)}\n{result.Explain()}");
        return result;
    }

    /// <summary>The kernel that is on an ISO lies beside it, with its symbols.</summary>
    private static string? SymbolsOf(MachineOptions options) => options.Iso switch
    {
        null => null,
        { } iso when Path.ChangeExtension(iso, ".elf") is var beside && File.Exists(beside) => beside,
        { } iso when iso == TestIso => TestKernel,
        _ => Kernel,
    };

    private static string Artifact(string file, string command)
    {
        string path = Path.Combine(BuildFolder, file);
        Assert.True(File.Exists(path), $"{path} is missing: {command}");
        return path;
    }

    private static string FindBuildFolder()
    {
        if (Environment.GetEnvironmentVariable("COSMOSKERNEL_BUILD") is { Length: > 0 } folder)
        {
            return Path.GetFullPath(folder);
        }

        DirectoryInfo? top = new(AppContext.BaseDirectory);
        while (top is not null && !File.Exists(Path.Combine(top.FullName, "Directory.Packages.props")))
        {
            top = top.Parent;
        }

        return Path.Combine(top?.FullName ?? Directory.GetCurrentDirectory(), "build");
    }
}
