using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;

namespace CosmosKernel.Bench;

/// <summary>Boots the kernel with the figures in it and collects what they report.</summary>
/// <param name="kernel">The kernel's ELF.</param>
/// <param name="folder">Gets a log for each boot.</param>
/// <param name="aims">What figures should be at most.</param>
public sealed class FigureBoots(string kernel, string folder, Aims aims)
{
    private const string Area = "figure.";
    private const string Contended = "figure.contention.*,figure.wall.*";
    private const string DotNet = "figure.dotnet.*";
    private const string Pauses = "figure.pauses.*";

    private const string Scheduler = "sched.";

    /// <summary>
    /// Figures that several processors make at once take wall time; all others count instructions. Those of .NET's threading get a machine of their own: its threads and timers stay, and
    /// whatever comes after them has company.
    /// </summary>
    public async Task<IReadOnlyList<Measurement>> CountInstructionsAsync(IBootObserver? observer, CancellationToken cancellation) =>
    [
        .. await BootAsync("instructions", Method.Instructions, 1, $"test=figure.*,sched.figures,!{DotNet},!{Pauses},!{Contended.Replace(",", ",!", StringComparison.Ordinal)}", observer, cancellation),
        .. await BootAsync("instructions-dotnet", Method.Instructions, 1, $"test={DotNet}", observer, cancellation),
    ];

    /// <summary>Contention and scaling on a number of processors.</summary>
    public Task<IReadOnlyList<Measurement>> MeasureWallAsync(int cpus, IBootObserver? observer, CancellationToken cancellation) =>
        BootAsync($"wall-{cpus}", Method.Wall, cpus, $"test={Contended}", observer, cancellation);

    /// <summary>The collector's pauses while every processor allocates.</summary>
    public Task<IReadOnlyList<Measurement>> MeasurePausesAsync(int cpus, int seconds, IBootObserver? observer, CancellationToken cancellation) =>
        BootAsync($"pauses-{cpus}", Method.Wall, cpus, $"test={Pauses} figure.seconds={seconds}", observer, cancellation);

    private async Task<IReadOnlyList<Measurement>> BootAsync(string name, Method method, int cpus, string append, IBootObserver? observer, CancellationToken cancellation)
    {
        MachineOptions options = new()
        {
            Kernel = kernel,
            Append = append,
            Cpus = cpus,
            MemoryMiB = 1024,
            InstructionCounting = method == Method.Instructions,

            // Without these two the emulator counts each repetition of a string instruction.
            CpuModel = "max,-erms,-fsrm",
            Timeout = TimeSpan.FromMinutes(15),
            LogPath = Path.Combine(folder, name + ".log"),
        };
        BootResult result = await Machine.BootAsync(options, observer, cancellation);
        if (!result.Succeeded)
        {
            throw new FigureException($"the boot '{name}' gave no figures\n{result.Explain()}");
        }

        return [.. result.Figures.Where(figure => IsReported(figure.Name)).Select(figure => Make(figure, method, cpus))];
    }

    private static bool IsReported(string name) => name.StartsWith(Area, StringComparison.Ordinal) || name.StartsWith(Scheduler, StringComparison.Ordinal);

    private Measurement Make(Figure figure, Method method, int cpus)
    {
        string name = figure.Name.StartsWith(Area, StringComparison.Ordinal) ? figure.Name[Area.Length..] : figure.Name;
        bool counted = method == Method.Instructions;
        return new Measurement(name, figure.Value, counted && figure.Unit == "ns" ? "instructions" : figure.Unit, method, cpus, counted ? aims.Of(name) : null);
    }
}

/// <summary>A boot gave no figures; the message says why.</summary>
/// <param name="message">For people.</param>
public sealed class FigureException(string message) : Exception(message);
