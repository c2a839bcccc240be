using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>
/// A running Bochs: the serial port is a TCP connection to the harness on the loopback interface, so it can be typed at;
/// how the machine ended is read in Bochs's own log.
/// </summary>
internal sealed class BochsProcess : EmulatorProcess
{
    private readonly string _logFile;
    private NetworkStream? _serial;

    private BochsProcess(string logFile) => _logFile = logFile;

    /// <inheritdoc/>
    public override Stream SerialOutput => _serial!;

    /// <inheritdoc/>
    public override Stream SerialInput => _serial!;

    /// <summary>See <see cref="EmulatorProcess.StartAsync"/>.</summary>
    public static async Task<EmulatorProcess> StartBochsAsync(MachineOptions options, Action<string> commandLine, CancellationToken cancellation)
    {
        string folder = MakeWorkFolder();
        BochsProcess? result = null;
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start(1);
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            string log = Path.Combine(folder, "bochs.log");
            string configuration = BochsConfiguration.Build(options, IsoCommandLine.Prepare(options.Iso!, options.Append, folder), port, log);
            string configurationFile = Path.Combine(folder, "bochsrc");
            string commandFile = Path.Combine(folder, "commands");
            await File.WriteAllTextAsync(configurationFile, configuration, cancellation).ConfigureAwait(false);

            // The packaged Bochs has its debugger in and waits for a command before the first instruction: c, continue.
            await File.WriteAllTextAsync(commandFile, "c\n", cancellation).ConfigureAwait(false);
            List<string> arguments = ["-q", "-f", configurationFile, "-rc", commandFile, .. options.ExtraArguments];
            commandLine($"{ShellQuote(options.Programs.Bochs, arguments)}\n{configuration}");

            Process process = StartProgram(options.Programs.Bochs, arguments);
            result = new BochsProcess(log) { Process = process, WorkFolder = folder };
            process.StandardInput.Close();
            result.CollectMessages(process.StandardOutput.BaseStream);
            result.CollectMessages(process.StandardError.BaseStream);
            Socket socket = await result.WhileAliveAsync(
                listener.AcceptSocketAsync(cancellation).AsTask(), "connect the serial port", cancellation).ConfigureAwait(false);
            socket.NoDelay = true;
            result._serial = new NetworkStream(socket, ownsSocket: true);
            return result;
        }
        catch (Exception e)
        {
            string reason = result is null ? "" : result.FirstPanic();
            if (result is not null)
            {
                await result.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                DeleteFolder(folder);
            }

            if (e is EmulatorStartException && reason.Length > 0)
            {
                throw new EmulatorStartException($"{options.Programs.Bochs}: {reason}");
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation) =>
        throw new QmpException($"{command}: Bochs has no monitor");

    /// <inheritdoc/>
    public override Task<string> ReadRegistersAsync(CancellationToken cancellation) => Task.FromResult("");

    /// <inheritdoc/>
    public override Task AskToQuitAsync(CancellationToken cancellation)
    {
        Kill();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override MachineEnding InterpretExit(int exitCode)
    {
        string panic = FirstPanic();
        if (panic.Contains("soft power off", StringComparison.Ordinal))
        {
            return new MachineEnding(MachineEnd.PowerOff, "by ACPI");
        }

        if (IsTripleFault(panic))
        {
            return new MachineEnding(MachineEnd.TripleFault, panic);
        }

        return new MachineEnding(MachineEnd.Failure, $"Bochs ended with status {exitCode}: {(panic.Length > 0 ? panic : Messages)}");
    }

    /// <inheritdoc/>
    public override MachineEnding? InterpretRun() =>
        LogLines().Count(line => line.Contains("bx_pc_system_c::Reset(HARDWARE)", StringComparison.Ordinal)) > 1
            ? new MachineEnding(MachineEnd.Reset, "the guest reset the machine")
            : null;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _serial?.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsTripleFault(string panic) =>
        panic.Contains("exception with no resolution", StringComparison.Ordinal)
        || panic.Contains("triple fault", StringComparison.OrdinalIgnoreCase);

    /// <summary>The line with which Bochs gave up (it calls that a panic, also when the guest switched the machine off); empty if it did not.</summary>
    private string FirstPanic()
    {
        string? line = LogLines().FirstOrDefault(line => line.Contains(">>PANIC<<", StringComparison.Ordinal));
        return line is null ? "" : line[(line.IndexOf(">>PANIC<<", StringComparison.Ordinal) + ">>PANIC<<".Length)..].Trim();
    }

    private List<string> LogLines()
    {
        if (!File.Exists(_logFile))
        {
            return [];
        }

        List<string> lines = [];
        using StreamReader reader = new(new FileStream(_logFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
