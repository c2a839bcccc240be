using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosKernel.BootHarness.Emulators;
using CosmosKernel.BootHarness.Input;
using CosmosKernel.BootHarness.Protocol;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.BootHarness;

/// <summary>
/// One boot from the emulator's start to the verdict. Serial bytes, the monitor's events and the process's end arrive from
/// several threads in one channel; a single loop takes them out, so nothing else here needs a lock.
/// </summary>
internal sealed class BootSession(MachineOptions options, IBootObserver? observer, BootLog log)
{
    /// <summary>A panic report is over after this much silence.</summary>
    private static readonly TimeSpan s_panicSilence = TimeSpan.FromSeconds(2);

    /// <summary>A panic report is over after this time, silent or not.</summary>
    private static readonly TimeSpan s_panicLimit = TimeSpan.FromSeconds(20);

    /// <summary>After an announced reset that the emulator carries out by itself (Bochs), the boot ends after this time.</summary>
    private static readonly TimeSpan s_rebootLimit = TimeSpan.FromSeconds(3);

    /// <summary>An emulator that was asked to end is killed after this time.</summary>
    private static readonly TimeSpan s_quitLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(500);

    private const int LastLineCount = 15;

    /// <summary>Of a panic, so many lines from the announcement on count as the last lines.</summary>
    private const int PanicLineCount = 200;

    private readonly Channel<SessionEvent> _events = Channel.CreateUnbounded<SessionEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SerialText _text = new();
    private readonly ProtocolTracker _tracker = new();
    private readonly Queue<string> _lastLines = new();
    private string _commandLine = "";
    private InputRunner? _input;
    private ProcessorReport _processors = ProcessorReport.Empty;
    private string? _untilMatch;
    private TimeSpan _lastOutput;
    private TimeSpan? _panicAt;
    private TimeSpan? _rebootAt;

    private abstract record SessionEvent
    {
        public sealed record Bytes(byte[] Data) : SessionEvent;

        public sealed record SerialClosed : SessionEvent;

        public sealed record Ended(MachineEnding Ending) : SessionEvent;

        public sealed record Exited : SessionEvent;
    }

    /// <summary>Takes note of the emulator's command line.</summary>
    public void SetCommandLine(string commandLine)
    {
        _commandLine = commandLine;
        log.Note(commandLine);
    }

    /// <summary>Takes the monitor's word for how the machine ended. Any thread.</summary>
    public void PostEnding(MachineEnding ending) => _events.Writer.TryWrite(new SessionEvent.Ended(ending));

    /// <summary>The result of an emulator that does not start.</summary>
    public BootResult FailedToStart(string reason, TimeSpan elapsed) => Result(Verdict.EmulatorFailed, reason, elapsed);

    /// <summary>Follows a machine to its end.</summary>
    public async Task<BootResult> RunAsync(EmulatorProcess emulator, Stopwatch clock, CancellationToken cancellation)
    {
        Task reading = Task.Run(() => ReadSerialAsync(emulator.SerialOutput), CancellationToken.None);
        _ = WatchProcessAsync(emulator.Process);
        _input = options.Input is { } script ? new InputRunner(script, emulator) : null;

        Stop stop = await FollowAsync(emulator, clock, cancellation).ConfigureAwait(false);
        if (stop is Stop.TimedOut or Stop.InputFailed or Stop.Ended { Ending.End: MachineEnd.TripleFault or MachineEnd.Reset })
        {
            await SaveRegistersAsync(emulator, stop, cancellation).ConfigureAwait(false);
        }

        await EndEmulatorAsync(emulator, reading, cancellation).ConfigureAwait(false);
        DrainSerial(clock.Elapsed);
        return Judge(stop, emulator, clock.Elapsed);
    }

    private async Task<Stop> FollowAsync(EmulatorProcess emulator, Stopwatch clock, CancellationToken cancellation)
    {
        while (true)
        {
            while (_events.Reader.TryRead(out SessionEvent? next))
            {
                switch (next)
                {
                    case SessionEvent.Bytes bytes:
                        TakeSerial(bytes.Data, clock.Elapsed);
                        break;
                    case SessionEvent.Ended ended:
                        return new Stop.Ended(ended.Ending);
                    case SessionEvent.Exited:
                        return await ExitAsync(emulator, clock, cancellation).ConfigureAwait(false);
                }
            }

            if (_untilMatch is not null)
            {
                return new Stop.Reached($"'{_untilMatch}' matches --until");
            }

            if (_input is not null)
            {
                await _input.AdvanceAsync(clock.Elapsed, cancellation).ConfigureAwait(false);
                if (_input.Failure is { } failure && _panicAt is null)
                {
                    return new Stop.InputFailed(failure);
                }

                if (_input.QuitAsked)
                {
                    return new Stop.Reached("the input script is done");
                }
            }

            TimeSpan now = clock.Elapsed;
            observer?.OnProgress(new BootProgress(now, _tracker, LastLine, _text.AtLineStart));
            if (CheckLimits(now) is { } stop)
            {
                return stop;
            }

            await WaitForEventAsync(NextWake(now) - now, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The process has ended: its last output may still be in the pipe, and the monitor's event in the channel.</summary>
    private async Task<Stop> ExitAsync(EmulatorProcess emulator, Stopwatch clock, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            while (await _events.Reader.WaitToReadAsync(limit.Token).ConfigureAwait(false))
            {
                while (_events.Reader.TryRead(out SessionEvent? next))
                {
                    switch (next)
                    {
                        case SessionEvent.Bytes bytes:
                            TakeSerial(bytes.Data, clock.Elapsed);
                            break;
                        case SessionEvent.Ended ended:
                            return new Stop.Ended(ended.Ending);
                        case SessionEvent.SerialClosed:
                            return new Stop.Ended(emulator.InterpretExit(emulator.Process.ExitCode));
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Something that the emulator left behind holds the pipe; what was to come has come.
        }

        return new Stop.Ended(emulator.InterpretExit(emulator.Process.ExitCode));
    }

    private Stop? CheckLimits(TimeSpan now)
    {
        if (_panicAt is { } panicAt && (_tracker.PanicEnded || now - _lastOutput >= s_panicSilence || now - panicAt >= s_panicLimit))
        {
            return new Stop.PanicReported();
        }

        if (_rebootAt is { } rebootAt && now - rebootAt >= s_rebootLimit)
        {
            return new Stop.Rebooted();
        }

        if (now >= options.Timeout && _panicAt is null)
        {
            return new Stop.TimedOut($"the boot was not over after {options.Timeout.TotalSeconds:0.###} s");
        }

        return options.TestTimeout is { } limit && _panicAt is null && _tracker.Running is { } name && now - _tracker.RunningSince >= limit
            ? new Stop.TimedOut($"{name} was not over after {limit.TotalSeconds:0.###} s")
            : null;
    }

    private TimeSpan NextWake(TimeSpan now)
    {
        TimeSpan wake = now + s_progressInterval;
        Consider(options.Timeout);
        Consider(_input?.Deadline);
        Consider(_panicAt is null ? null : _lastOutput + s_panicSilence);
        Consider(_rebootAt + s_rebootLimit);
        Consider(_tracker.Running is null ? null : _tracker.RunningSince + options.TestTimeout);
        return wake;

        void Consider(TimeSpan? time)
        {
            if (time is { } t && t > now && t < wake)
            {
                wake = t;
            }
        }
    }

    private async Task WaitForEventAsync(TimeSpan duration, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(duration < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : duration);
        try
        {
            await _events.Reader.WaitToReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nothing came; the loop looks at the limits.
        }
    }

    private void TakeSerial(byte[] data, TimeSpan now)
    {
        log.Serial(data);
        observer?.OnSerial(data);
        _lastOutput = now;
        List<string> lines = [];
        string text = _text.Accept(data, lines);
        foreach (string line in lines)
        {
            _tracker.Accept(line, now);
            _lastLines.Enqueue(line);
            if (_lastLines.Count > (_tracker.Panic is null ? LastLineCount : PanicLineCount))
            {
                _lastLines.Dequeue();
            }

            MatchUntil(line);
        }

        MatchUntil(_text.Partial);
        _panicAt ??= _tracker.Panic is null ? null : now;
        _rebootAt ??= _tracker.RebootAnnounced ? now : null;
        _input?.Accept(text);
    }

    private void MatchUntil(string line)
    {
        if (_untilMatch is null && options.Until is { } until && line.Length > 0)
        {
            try
            {
                _untilMatch = until.IsMatch(line) ? line : null;
            }
            catch (RegexMatchTimeoutException)
            {
                log.Note($"--until took too long on a line of {line.Length} characters, which was passed over");
            }
        }
    }

    private void DrainSerial(TimeSpan now)
    {
        while (_events.Reader.TryRead(out SessionEvent? next))
        {
            if (next is SessionEvent.Bytes bytes)
            {
                TakeSerial(bytes.Data, now);
            }
        }

        // A last line without an end may be a protocol line all the same: the machine may have stopped in the middle of the line end.
        if (!_text.AtLineStart)
        {
            TakeSerial("\n"u8.ToArray(), now);
        }
    }

    private string LastLine => _text.AtLineStart ? (_lastLines.Count > 0 ? _lastLines.Last() : "") : _text.Partial;

    private async Task ReadSerialAsync(Stream stream)
    {
        byte[] buffer = new byte[16384];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                _events.Writer.TryWrite(new SessionEvent.Bytes(buffer[..count]));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            // A connection that is torn down with the emulator; its exit status says the rest.
        }

        _events.Writer.TryWrite(new SessionEvent.SerialClosed());
    }

    private async Task WatchProcessAsync(Process process)
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        _events.Writer.TryWrite(new SessionEvent.Exited());
    }

    private async Task SaveRegistersAsync(EmulatorProcess emulator, Stop stop, CancellationToken cancellation)
    {
        try
        {
            if (stop is Stop.TimedOut or Stop.InputFailed && options.Emulator == EmulatorKind.Qemu)
            {
                await emulator.ExecuteAsync("stop", null, cancellation).ConfigureAwait(false);
            }

            _processors = await ProcessorReport.ReadAsync(emulator, OpenSymbols(), cancellation).ConfigureAwait(false);
        }
        catch (QmpException e)
        {
            log.Note($"registers: {e.Message}");
        }

        log.Note(_processors.Registers);
        log.Note(_processors.Stacks);
    }

    private CodeLocator? OpenSymbols()
    {
        if ((options.Symbols ?? options.Kernel) is not { } path)
        {
            return null;
        }

        try
        {
            return CodeLocator.Open(path);
        }
        catch (Exception e) when (e is IOException or ElfFormatException)
        {
            log.Note($"no symbols: {e.Message}");
            return null;
        }
    }

    private static async Task EndEmulatorAsync(EmulatorProcess emulator, Task reading, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_quitLimit);
        try
        {
            if (!emulator.Process.HasExited)
            {
                await emulator.AskToQuitAsync(limit.Token).ConfigureAwait(false);
            }

            await emulator.Process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            await reading.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is QmpException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            emulator.Kill();
        }
    }

    private BootResult Judge(Stop stop, EmulatorProcess emulator, TimeSpan now)
    {
        bool cutShort = stop is Stop.Reached;
        string running = _tracker.Running is { } name
            ? $"; {name} was running, for {(now - _tracker.RunningSince).TotalSeconds:0.0} s"
            : $"; the last line was '{LastLine}'";
        List<string> problems = [];
        if (!cutShort)
        {
            _tracker.Complete(options.ExpectsTests, now);
            if (_input is { Failure: null } input)
            {
                input.MachineEnded();
                if (input.Failure is { } failure)
                {
                    problems.Add(failure);
                }
            }

            if (_input?.Unfinished is { } unfinished)
            {
                problems.Add(unfinished);
            }

            if (options.Until is { } until)
            {
                problems.Add($"no line matches --until /{until}/");
            }
        }

        problems.AddRange(_tracker.Problems);
        string positions = string.Concat(_processors.Positions.Select(position => "; " + position));
        (Verdict verdict, string reason) = new BootEvidence(stop, _tracker, problems, emulator.InterpretRun(), running, positions).Judge();
        return Result(verdict, reason, now) with { Problems = problems };
    }

    private BootResult Result(Verdict verdict, string reason, TimeSpan now)
    {
        BootResult result = new()
        {
            Verdict = verdict,
            Reason = reason,
            Tests = [.. _tracker.Tests],
            Figures = [.. _tracker.Figures],
            Problems = [.. _tracker.Problems],
            Duration = now,
            LastLines = [.. _lastLines],
            CommandLine = _commandLine,
            Registers = _processors.Registers,
            Stacks = _processors.Stacks,
            LogPath = options.LogPath,
        };
        log.Note($"{BootResult.VerdictName(verdict)}: {reason} ({now.TotalSeconds:0.0} s)");
        return result;
    }
}
