using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.BootHarness.Emulators;

namespace CosmosKernel.BootHarness.Input;

/// <summary>Carries out an input script while a machine runs. Not thread-safe: the boot's loop calls it.</summary>
internal sealed class InputRunner(InputScript script, EmulatorProcess machine)
{
    /// <summary>Text that no <c>expect</c> has used yet is kept up to this length.</summary>
    private const int MaximumPendingText = 1 << 20;

    private readonly StringBuilder _pending = new();
    private TimeSpan _expectTimeout = TimeSpan.FromSeconds(30);
    private TimeSpan? _deadline;
    private int _next;

    /// <summary>True when every command is done.</summary>
    public bool Done => _next == script.Commands.Count;

    /// <summary>True after <c>quit</c>.</summary>
    public bool QuitAsked { get; private set; }

    /// <summary>Why the script cannot go on; null while it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>When <see cref="AdvanceAsync"/> has to be called again though no output came; null for never.</summary>
    public TimeSpan? Deadline => Failure is null ? _deadline : null;

    /// <summary>What the script waits for at the end of the machine; null if nothing is open.</summary>
    public string? Unfinished => Done || QuitAsked || Failure is not null
        ? null
        : $"input script, line {script.Commands[_next].Line}: {Describe(script.Commands[_next])}, but the machine ended";

    /// <summary>Takes text of the serial output.</summary>
    public void Accept(string text)
    {
        if (Done)
        {
            return;
        }

        _pending.Append(text);
        if (_pending.Length > MaximumPendingText)
        {
            _pending.Remove(0, _pending.Length - MaximumPendingText);
        }
    }

    /// <summary>Carries out what can be carried out now.</summary>
    /// <param name="now">Time since the start of the boot.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task AdvanceAsync(TimeSpan now, CancellationToken cancellation)
    {
        while (!Done && !QuitAsked && Failure is null)
        {
            InputCommand command = script.Commands[_next];
            try
            {
                if (!await StepAsync(command, now, cancellation).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception e) when (e is IOException or QmpException or RegexMatchTimeoutException)
            {
                Failure = $"input script, line {command.Line}: {e.Message}";
                return;
            }

            _deadline = null;
            _next++;
        }
    }

    /// <summary>The machine has ended, and all its output is here: what was expected may be in it, though nobody has looked yet. What needs a machine stays undone.</summary>
    public void MachineEnded()
    {
        while (!Done && !QuitAsked && Failure is null)
        {
            InputCommand command = script.Commands[_next];
            try
            {
                if (command is not (InputCommand.Wait or InputCommand.SetTimeout) && !(command is InputCommand.Expect expect && TryMatch(expect)))
                {
                    return;
                }
            }
            catch (RegexMatchTimeoutException e)
            {
                Failure = $"input script, line {command.Line}: {e.Message}";
                return;
            }

            _next++;
        }
    }

    /// <summary>Carries out one command; false if it has to wait.</summary>
    private async Task<bool> StepAsync(InputCommand command, TimeSpan now, CancellationToken cancellation)
    {
        switch (command)
        {
            case InputCommand.Expect expect:
                return TryExpect(expect, now);
            case InputCommand.Wait wait:
                _deadline ??= now + wait.Duration;
                return now >= _deadline;
            case InputCommand.SetTimeout timeout:
                _expectTimeout = timeout.Duration;
                return true;
            case InputCommand.Send send:
                await machine.SerialInput.WriteAsync(send.Bytes, cancellation).ConfigureAwait(false);
                await machine.SerialInput.FlushAsync(cancellation).ConfigureAwait(false);
                return true;
            case InputCommand.Key key:
                JsonArray keys = [];
                foreach (string name in key.Names)
                {
                    keys.Add(new JsonObject { ["type"] = "qcode", ["data"] = name });
                }

                await machine.ExecuteAsync("send-key", new JsonObject { ["keys"] = keys }, cancellation).ConfigureAwait(false);
                return true;
            case InputCommand.Screenshot screenshot:
                string path = Path.GetFullPath(screenshot.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await machine.ExecuteAsync(
                    "screendump",
                    new JsonObject { ["filename"] = path, ["format"] = Path.GetExtension(path)[1..] },
                    cancellation).ConfigureAwait(false);
                return true;
            case InputCommand.PowerButton:
                await machine.ExecuteAsync("system_powerdown", null, cancellation).ConfigureAwait(false);
                return true;
            case InputCommand.NonMaskableInterrupt:
                await machine.ExecuteAsync("inject-nmi", null, cancellation).ConfigureAwait(false);
                return true;
            case InputCommand.Monitor monitor:
                JsonNode? answer = await machine.ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = monitor.Text }, cancellation).ConfigureAwait(false);
                if (answer?.ToString() is { Length: > 0 } said && said.Contains("unknown command", StringComparison.Ordinal))
                {
                    Failure = $"input script, line {monitor.Line}: QEMU's monitor says: {said.Trim()}";
                }

                return true;
            case InputCommand.Quit:
                QuitAsked = true;
                return true;
            default:
                throw new InvalidOperationException($"unknown input command {command}");
        }
    }

    private bool TryExpect(InputCommand.Expect expect, TimeSpan now)
    {
        _deadline ??= now + _expectTimeout;
        if (TryMatch(expect))
        {
            return true;
        }

        if (now >= _deadline)
        {
            Failure = $"input script, line {expect.Line}: {Describe(expect)}, but it did not come within {_expectTimeout.TotalSeconds:0.###} s";
        }

        return false;
    }

    private bool TryMatch(InputCommand.Expect expect)
    {
        Match match = expect.Pattern.Match(_pending.ToString());
        if (match.Success)
        {
            _pending.Remove(0, match.Index + match.Length);
        }

        return match.Success;
    }

    private static string Describe(InputCommand command) => command switch
    {
        InputCommand.Expect expect => $"expected /{expect.Pattern}/",
        InputCommand.Wait wait => $"waiting {wait.Duration.TotalMilliseconds:0} ms",
        _ => $"has still to do '{command.GetType().Name}'",
    };
}
