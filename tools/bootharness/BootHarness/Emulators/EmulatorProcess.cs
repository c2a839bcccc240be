using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>What the emulator says about the machine's end.</summary>
internal enum MachineEnd
{
    /// <summary>The guest switched the machine off.</summary>
    PowerOff,

    /// <summary>The guest reset it by a reset register.</summary>
    Reset,

    /// <summary>A fault in the double-fault handler shut the processor down.</summary>
    TripleFault,

    /// <summary>The kernel ended QEMU through the debug exit port after a panic.</summary>
    PanicExit,

    /// <summary>The emulator ended, or cannot go on, for a reason of its own.</summary>
    Failure,
}

/// <summary>An end and its reason in words.</summary>
internal sealed record MachineEnding(MachineEnd End, string Detail);

/// <summary>The emulator could not be started.</summary>
internal sealed class EmulatorStartException(string message) : Exception(message);

/// <summary>A running emulator: its process, the two directions of the first serial port, and its monitor.</summary>
internal abstract class EmulatorProcess : IAsyncDisposable
{
    private const int MaximumMessages = 200;
    private static readonly ConcurrentDictionary<Process, bool> s_running = new();
    private readonly List<string> _messages = [];

    static EmulatorProcess()
    {
        // A test host that is stopped must not leave machines behind.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (Process process in s_running.Keys)
            {
                TryKill(process);
            }
        };
    }

    /// <summary>Bytes that the guest sends.</summary>
    public abstract Stream SerialOutput { get; }

    /// <summary>Bytes that the guest receives.</summary>
    public abstract Stream SerialInput { get; }

    /// <summary>The process.</summary>
    public required Process Process { get; init; }

    /// <summary>A folder for this boot alone, deleted at its end.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>What the emulator itself has written (not the guest): the last lines.</summary>
    public string Messages
    {
        get
        {
            lock (_messages)
            {
                return string.Join('\n', _messages);
            }
        }
    }

    /// <summary>Starts the emulator that the options ask for; the guest runs when this returns.</summary>
    /// <param name="options">A valid description.</param>
    /// <param name="commandLine">The command line in the form of a shell, for the log.</param>
    /// <param name="onEnding">Called, from any thread, when the emulator tells how the machine ended.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EmulatorStartException">It does not start.</exception>
    public static Task<EmulatorProcess> StartAsync(
        MachineOptions options, Action<string> commandLine, Action<MachineEnding> onEnding, CancellationToken cancellation) =>
        options.Emulator == EmulatorKind.Qemu
            ? QemuProcess.StartQemuAsync(options, commandLine, onEnding, cancellation)
            : BochsProcess.StartBochsAsync(options, commandLine, cancellation);

    /// <summary>Carries out a command of the monitor.</summary>
    /// <exception cref="QmpException">It failed, or this emulator has no monitor.</exception>
    public abstract Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation);

    /// <summary>The registers of all processors as text; empty if the emulator cannot tell.</summary>
    public abstract Task<string> ReadRegistersAsync(CancellationToken cancellation);

    /// <summary>Asks the emulator to end; the caller waits, and kills it when that takes too long.</summary>
    public abstract Task AskToQuitAsync(CancellationToken cancellation);

    /// <summary>What the process's end says about the machine.</summary>
    public abstract MachineEnding InterpretExit(int exitCode);

    /// <summary>What can be seen only after the boot, for example a reset in the middle of it; null if nothing.</summary>
    public abstract MachineEnding? InterpretRun();

    /// <summary>Kills the process if it runs.</summary>
    public void Kill() => TryKill(Process);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        Kill();
        try
        {
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
            await Process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        finally
        {
            s_running.TryRemove(Process, out _);
            Process.Dispose();
            DeleteFolder(WorkFolder);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a folder for one boot. Its path is short, because paths of sockets are limited to 107 bytes.</summary>
    protected static string MakeWorkFolder() => Directory.CreateTempSubdirectory("boot-").FullName;

    /// <summary>Deletes a folder of <see cref="MakeWorkFolder"/>.</summary>
    protected static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Starts a program with all three standard streams redirected.</summary>
    /// <exception cref="EmulatorStartException">There is no such program, or it cannot be executed.</exception>
    protected static Process StartProgram(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process process = new() { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new EmulatorStartException($"{program} does not start: {e.Message}");
        }

        s_running[process] = true;
        return process;
    }

    /// <summary>Collects the lines of a stream as <see cref="Messages"/> until it ends.</summary>
    protected void CollectMessages(Stream stream) => _ = Task.Run(async () =>
    {
        using StreamReader reader = new(stream, Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                lock (_messages)
                {
                    _messages.Add(line);
                    if (_messages.Count > MaximumMessages)
                    {
                        _messages.RemoveAt(0);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            lock (_messages)
            {
                _messages.Add($"(no more messages: {e.Message})");
            }
        }
    });

    /// <summary>Waits for a connection, but no longer than the process lives.</summary>
    /// <exception cref="EmulatorStartException">The process ended, or 20 seconds passed.</exception>
    protected async Task<T> WhileAliveAsync<T>(Task<T> connection, string what, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        Task exit = Process.WaitForExitAsync(limit.Token);
        Task first = await Task.WhenAny(connection, exit).ConfigureAwait(false);
        if (first == connection)
        {
            return await connection.ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
        if (exit.IsCanceled)
        {
            throw new EmulatorStartException($"{Process.StartInfo.FileName} did not {what} within 20 s");
        }

        // The messages are read by another task; the pipe is at its end, so this is a matter of moments.
        await Task.Delay(100, cancellation).ConfigureAwait(false);
        throw new EmulatorStartException(
            $"{Process.StartInfo.FileName} ended at once with status {Process.ExitCode}{(Messages.Length > 0 ? ": " + Messages : "")}");
    }

    /// <summary>A command line as a shell would take it.</summary>
    protected static string ShellQuote(string program, IEnumerable<string> arguments) =>
        string.Join(' ', arguments.Prepend(program).Select(argument =>
            argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_=+,./:@%".Contains(c, StringComparison.Ordinal))
                ? argument
                : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'"));

    private static void TryKill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already, which is what is wanted.
        }
    }
}
