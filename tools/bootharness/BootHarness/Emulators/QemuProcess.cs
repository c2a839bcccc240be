using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>A running QEMU: the serial port is its standard streams, the monitor speaks QMP.</summary>
internal sealed class QemuProcess : EmulatorProcess
{
    private readonly Action<MachineEnding> _onEnding;
    private readonly string _traceFile;
    private QmpClient? _monitor;
    private int _ended;

    private QemuProcess(Action<MachineEnding> onEnding, string traceFile)
    {
        _onEnding = onEnding;
        _traceFile = traceFile;
    }

    /// <inheritdoc/>
    public override Stream SerialOutput => Process.StandardOutput.BaseStream;

    /// <inheritdoc/>
    public override Stream SerialInput => Process.StandardInput.BaseStream;

    /// <summary>See <see cref="EmulatorProcess.StartAsync"/>.</summary>
    public static async Task<EmulatorProcess> StartQemuAsync(
        MachineOptions options, Action<string> commandLine, Action<MachineEnding> onEnding, CancellationToken cancellation)
    {
        string folder = MakeWorkFolder();
        QemuProcess? result = null;
        try
        {
            QemuFiles files = new(
                Path.Combine(folder, "qmp"),
                Path.Combine(folder, "qemu.log"),
                options.Iso is { } iso ? IsoCommandLine.Prepare(iso, options.Append, folder) : null,
                options.Firmware == FirmwareKind.Uefi ? OvmfImages.Find().WithOwnVariables(folder) : null);
            IReadOnlyList<string> arguments = QemuCommandLine.Build(options, files);
            commandLine(ShellQuote(options.Programs.Qemu, arguments));

            // QEMU connects to the harness and not the other way round, so there is no moment to guess.
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(files.MonitorSocket));
            listener.Listen(1);

            Process process = StartProgram(options.Programs.Qemu, arguments);
            result = new QemuProcess(onEnding, files.TraceFile) { Process = process, WorkFolder = folder };
            result.CollectMessages(process.StandardError.BaseStream);
            Socket socket = await result.WhileAliveAsync(
                listener.AcceptAsync(cancellation).AsTask(), "connect to the monitor", cancellation).ConfigureAwait(false);
            result._monitor = new QmpClient(new NetworkStream(socket, ownsSocket: true), result.OnEvent);
            await result.ExecuteAsync("qmp_capabilities", null, cancellation).ConfigureAwait(false);
            await result.ExecuteAsync("cont", null, cancellation).ConfigureAwait(false);
            return result;
        }
        catch (Exception e)
        {
            string messages = result?.Messages ?? "";
            if (result is not null)
            {
                await result.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                DeleteFolder(folder);
            }

            if (e is QmpException)
            {
                throw new EmulatorStartException($"{options.Programs.Qemu}: {e.Message}{(messages.Length > 0 ? "\n" + messages : "")}");
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation) =>
        _monitor!.ExecuteAsync(command, arguments, cancellation);

    /// <inheritdoc/>
    public override async Task<string> ReadRegistersAsync(CancellationToken cancellation)
    {
        JsonNode? answer = await ExecuteAsync(
            "human-monitor-command", new JsonObject { ["command-line"] = "info registers -a" }, cancellation).ConfigureAwait(false);
        return answer?.GetValue<string>().ReplaceLineEndings("\n").Trim() ?? "";
    }

    /// <inheritdoc/>
    public override Task AskToQuitAsync(CancellationToken cancellation) => ExecuteAsync("quit", null, cancellation);

    /// <inheritdoc/>
    public override MachineEnding InterpretExit(int exitCode) => exitCode switch
    {
        QemuCommandLine.PowerOffStatus => new MachineEnding(MachineEnd.PowerOff, "through the debug exit port"),
        QemuCommandLine.PanicStatus => new MachineEnding(MachineEnd.PanicExit, "through the debug exit port"),
        _ => new MachineEnding(
            MachineEnd.Failure,
            $"QEMU ended with status {exitCode}{(exitCode > 128 ? $" (signal {exitCode - 128})" : "")}{(Messages.Length > 0 ? ": " + Messages : "")}"),
    };

    /// <inheritdoc/>
    public override MachineEnding? InterpretRun() => null;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _monitor?.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private void OnEvent(string name, JsonObject data)
    {
        switch (name)
        {
            case "SHUTDOWN":
                End(Ending(data["reason"]?.GetValue<string>() ?? "unknown"));
                break;
            case "STOP":
                // With an ending of the guest, SHUTDOWN comes too; alone it means that the accelerator gave up.
                _ = Task.Run(CheckStatusAsync);
                break;
        }
    }

    private MachineEnding Ending(string reason) => reason switch
    {
        "guest-shutdown" => new MachineEnding(MachineEnd.PowerOff, "by ACPI"),
        "guest-reset" when TripleFaulted() => new MachineEnding(MachineEnd.TripleFault, "the processor shut down after a triple fault"),
        "guest-reset" => new MachineEnding(MachineEnd.Reset, "the guest reset the machine"),
        "guest-panic" => new MachineEnding(MachineEnd.PanicExit, "through the pvpanic device"),
        _ => new MachineEnding(MachineEnd.Failure, $"QEMU ended: {reason}"),
    };

    /// <summary>QEMU's log for <c>-d cpu_reset</c> tells a triple fault from a write to a reset register.</summary>
    private bool TripleFaulted()
    {
        if (!File.Exists(_traceFile))
        {
            return false;
        }

        using StreamReader reader = new(new FileStream(_traceFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Contains("Triple fault", StringComparison.Ordinal);
    }

    private async Task CheckStatusAsync()
    {
        try
        {
            JsonNode? answer = await ExecuteAsync("query-status", null, CancellationToken.None).ConfigureAwait(false);
            if (answer?["status"]?.GetValue<string>() is "internal-error" or "io-error")
            {
                End(new MachineEnding(MachineEnd.Failure, $"QEMU stopped the machine: {answer["status"]} {Messages}"));
            }
        }
        catch (QmpException)
        {
            // The emulator has ended meanwhile; its exit status says why.
        }
    }

    private void End(MachineEnding ending)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _onEnding(ending);
        }
    }
}
