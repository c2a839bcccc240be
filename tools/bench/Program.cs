// Boots the kernel with the figures in it on several machines and writes what they cost: table, JSON, plots.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Bench;
using CosmosKernel.BootHarness;
using Spectre.Console;

Option<FileInfo> kernel = new("--kernel") { Description = "The kernel with the figures in it", Required = true };
Option<DirectoryInfo> output = new("--output") { Description = "Folder for table, JSON, plots and logs", Required = true };
Option<FileInfo> aims = new("--aims") { Description = "JSON with the aims", Required = true };
Option<int[]> cpus = new("--cpus") { Description = "Processors of the machines that measure contention", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 4] };
Option<int> pauseSeconds = new("--pause-seconds") { Description = "How long 8 processors allocate to measure pauses", DefaultValueFactory = _ => 15 };
Option<FileInfo?> more = new("--more") { Description = "Text with further figures: name, value, unit in each line" };
RootCommand command = new("Measures the kernel.") { kernel, output, aims, cpus, pauseSeconds, more };
command.SetAction(RunAsync);
return await command.Parse(args).InvokeAsync();

async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
{
    try
    {
        string folder = parsed.GetValue(output)!.FullName;
        Directory.CreateDirectory(folder);
        Aims most = Aims.Read(parsed.GetValue(aims)!.FullName);
        FigureBoots boots = new(parsed.GetValue(kernel)!.FullName, folder, most);
        List<Measurement> all = [];
        await AnsiConsole.Status().StartAsync("booting", async status =>
        {
            await AddAsync("instructions, 1 CPU", observer => boots.CountInstructionsAsync(observer, cancellation));
            foreach (int count in parsed.GetValue(cpus)!)
            {
                await AddAsync($"wall time, {count} CPUs", observer => boots.MeasureWallAsync(count, observer, cancellation));
            }

            await AddAsync("pauses, 8 CPUs", observer => boots.MeasurePausesAsync(8, parsed.GetValue(pauseSeconds), observer, cancellation));

            async Task AddAsync(string title, Func<IBootObserver?, Task<IReadOnlyList<Measurement>>> boot)
            {
                IReadOnlyList<Measurement> measured = await boot(AnsiConsole.Profile.Capabilities.Interactive ? new LineObserver(status, title) : null);
                AnsiConsole.WriteLine($"bench: {title}: {measured.Count} figures");
                all.AddRange(measured);
            }
        });
        if (parsed.GetValue(more) is { } file)
        {
            all.AddRange(ReadMore(file.FullName));
        }

        string[] unknown = [.. most.Names.Except(all.Select(each => each.Name))];
        if (unknown.Length > 0)
        {
            throw new FigureException($"no boot gave the figures {string.Join(", ", unknown)}, for which there are aims");
        }

        Report.WriteJson(Path.Combine(folder, "figures.json"), all);
        Report.WriteTables(AnsiConsole.Console, all);
        using (StreamWriter text = File.CreateText(Path.Combine(folder, "figures.txt")))
        {
            IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
            plain.Profile.Width = 160;
            Report.WriteTables(plain, all);
        }

        Plots plots = new(folder);
        string?[] pictures =
        [
            plots.Costs(all),
            plots.ByContenders("throughput", all, "Operations per second, all contenders together"),
            plots.ByContenders("fairness", all, "Fairness: operations of the slowest contender by those of the fastest"),
        ];
        foreach (string picture in pictures.OfType<string>())
        {
            AnsiConsole.WriteLine($"bench: {Path.GetRelativePath(Environment.CurrentDirectory, picture)}");
        }

        return 0;
    }
    catch (Exception e) when (e is FigureException or InvalidDataException or UsageException or IOException)
    {
        Console.Error.WriteLine($"bench: {e.Message}");
        return 1;
    }
}

static IEnumerable<Measurement> ReadMore(string path)
{
    foreach ((int number, string line) in File.ReadLines(path).Index())
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 3 || !decimal.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value))
        {
            throw new InvalidDataException($"{path}({number + 1}): a line holds name, value and unit, not '{line}'");
        }

        yield return new Measurement(words[0], value, words[2], words[2] == "instructions" ? Method.Instructions : Method.Wall, 1, null);
    }
}
