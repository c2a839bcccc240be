using System;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness;

/// <summary>The kernel that the build has put beside a test project's assembly, with the module under test in it: the short way to <see cref="Machine.BootAsync"/>.</summary>
public static class TestKernel
{
    /// <summary>The kernel; <c>kernel.elf</c> beside the assembly.</summary>
    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "kernel.elf");

    /// <summary>A machine with it: two CPUs, 512 MiB, a minute for each in-kernel test. Logs of boots are in <c>boot-logs</c> beside the assembly.</summary>
    /// <param name="options">Kernel options.</param>
    public static MachineOptions Machine(string options) => new()
    {
        Kernel = File.Exists(Path) ? Path : throw new FileNotFoundException($"{Path} is missing: the test project names the module as <KernelModule Include=\"...\" />", Path),
        Append = options,
        Cpus = 2,
        TestTimeout = TimeSpan.FromMinutes(1),
        LogPath = System.IO.Path.Combine(AppContext.BaseDirectory, "boot-logs", $"{Guid.NewGuid():n}.log"),
    };

    /// <summary>Boots, runs the in-kernel tests that a pattern names, and switches off.</summary>
    /// <param name="tests">Names with <c>*</c>, several with commas between them.</param>
    /// <param name="options">Further kernel options.</param>
    /// <param name="cancellation">Ends the machine.</param>
    public static Task<BootResult> RunTestsAsync(string tests, string options = "", CancellationToken cancellation = default) =>
        BootHarness.Machine.BootAsync(Machine($"test={tests} {options}"), null, cancellation);

    /// <summary>Boots until a line matches.</summary>
    /// <param name="options">Kernel options.</param>
    /// <param name="until">Regular expression.</param>
    /// <param name="cancellation">Ends the machine.</param>
    public static Task<BootResult> BootAsync(string options, string until, CancellationToken cancellation = default) =>
        BootHarness.Machine.BootAsync(Machine(options) with { Until = new Regex(until) }, null, cancellation);
}
