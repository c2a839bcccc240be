using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Boot;
using CosmosKernel.BootHarness;

// Never disposed: a signal may come at any moment until the process ends.
CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

BootOptions options = new() { DashesGiven = args.Contains("--") };
RootCommand command = options.MakeCommand();
ParseResult parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (string message in parsed.Errors.Select(error => error.Message).Distinct())
    {
        Console.Error.WriteLine($"boot: {message}");
    }

    Console.Error.WriteLine("boot: tools/boot --help lists the options");
    return BootResult.BadUsageStatus;
}

command.SetAction((result, _) => RunAsync(result));
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token).ConfigureAwait(false);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

async Task<int> RunAsync(ParseResult result)
{
    try
    {
        MachineOptions machine = options.MakeMachine(result);
        TextWriter? terminal = Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb" ? null : Console.Error;
        TerminalObserver observer = new(Console.OpenStandardOutput(), terminal, () => Console.WindowWidth);
        BootResult boot = await Machine.BootAsync(machine, observer, stop.Token).ConfigureAwait(false);
        observer.Clear();

        // From a terminal, the emulator gets the same signal and may end first.
        stop.Token.ThrowIfCancellationRequested();
        Console.Error.Write($"\nboot: {boot.Explain()}");
        if (options.JUnitPath(result) is { } junit)
        {
            JUnitWriter.Write(junit, Path.GetFileNameWithoutExtension(junit), boot);
        }

        return boot.ExitStatus;
    }
    catch (UsageException e)
    {
        Console.Error.WriteLine($"boot: {e.Message}");
        return BootResult.BadUsageStatus;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("\nboot: stopped");
        return 130;
    }
}
