using System;
using System.Collections.Generic;

namespace CosmosKernel.BootHarness.Protocol;

/// <summary>Follows the protocol lines of one boot and checks the rules that tie them together (docs/testing.md).</summary>
public sealed class ProtocolTracker
{
    private readonly List<TestResult> _tests = [];
    private readonly List<Figure> _figures = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _namesOfRun = new(StringComparer.Ordinal);
    private int _runStart;
    private bool _inRun;
    private bool _hadRun;
    private int _lineNumber;

    /// <summary>The tests reported so far.</summary>
    public IReadOnlyList<TestResult> Tests => _tests;

    /// <summary>The measurements reported so far.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>Broken rules and broken lines, each with its line number.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>How many tests the current or last plan announced.</summary>
    public int Planned { get; private set; }

    /// <summary>How many tests of the current or last plan have a result.</summary>
    public int Reported => _tests.Count - _runStart;

    /// <summary>The test that has begun and not ended; null between tests.</summary>
    public string? Running { get; private set; }

    /// <summary>When <see cref="Running"/> began, on the caller's clock.</summary>
    public TimeSpan RunningSince { get; private set; }

    /// <summary>The message of the first panic; null if there was none.</summary>
    public string? Panic { get; private set; }

    /// <summary>The panic report is complete.</summary>
    public bool PanicEnded { get; private set; }

    /// <summary>The kernel announced the power-off.</summary>
    public bool PowerOffAnnounced { get; private set; }

    /// <summary>The kernel announced a reset.</summary>
    public bool RebootAnnounced { get; private set; }

    /// <summary>Takes the next line of the serial output.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="now">Time since the start of the boot.</param>
    /// <returns>The protocol line that it is, or null.</returns>
    public ProtocolLine? Accept(string line, TimeSpan now)
    {
        _lineNumber++;
        ProtocolLine? parsed = ProtocolLine.Parse(line, out string? error);
        if (error is not null)
        {
            Problem($"{error} (in '{Shorten(line)}')");
        }

        switch (parsed)
        {
            case ProtocolLine.TestPlan plan:
                BeginRun(plan.Count);
                break;
            case ProtocolLine.TestBegin begin:
                Begin(begin.Name, now);
                break;
            case ProtocolLine.TestPass pass:
                EndTest(pass.Name, TestOutcome.Passed, pass.Time, "", now);
                break;
            case ProtocolLine.TestFail fail:
                EndTest(fail.Name, TestOutcome.Failed, fail.Time, fail.Message, now);
                break;
            case ProtocolLine.TestSkip skip:
                EndTest(skip.Name, TestOutcome.Skipped, TimeSpan.Zero, skip.Message, now);
                break;
            case ProtocolLine.TestEnd end:
                EndRun(end);
                break;
            case ProtocolLine.FigureLine figure:
                _figures.Add(figure.Figure);
                break;
            case ProtocolLine.PanicLine panic:
                Panic ??= panic.Message;
                break;
            case ProtocolLine.PanicEnd:
                PanicEnded = true;
                break;
            case ProtocolLine.PowerOff:
                PowerOffAnnounced = true;
                break;
            case ProtocolLine.Reboot:
                RebootAnnounced = true;
                break;
        }

        return parsed;
    }

    /// <summary>The machine has ended: what is still open becomes a missing result.</summary>
    /// <param name="testsExpected">The kernel was asked for tests, so a plan must have come.</param>
    /// <param name="now">Time since the start of the boot.</param>
    public void Complete(bool testsExpected, TimeSpan now)
    {
        if (Running is { } name)
        {
            _tests.Add(new TestResult(name, TestOutcome.Missing, TimeSpan.Zero, now - RunningSince, "began, and never reported a result"));
            Running = null;
        }

        if (_inRun)
        {
            int results = 0;
            for (int i = _runStart; i < _tests.Count; i++)
            {
                results += _tests[i].Outcome == TestOutcome.Missing ? 0 : 1;
            }

            _problems.Add($"the run did not end: {results} of {Planned} tests reported a result");
            _inRun = false;
        }
        else if (testsExpected && !_hadRun)
        {
            _problems.Add("tests were asked for (test= on the command line), but no '##test plan' came");
        }
    }

    private void BeginRun(int count)
    {
        if (_inRun)
        {
            Problem("a plan inside a run: the run before it did not end");
        }

        if (count == 0)
        {
            Problem("no test matches what was asked for");
        }

        _inRun = true;
        _hadRun = true;
        Planned = count;
        _runStart = _tests.Count;
        _namesOfRun.Clear();
    }

    private void Begin(string name, TimeSpan now)
    {
        RequireRun("begin");
        if (Running is not null)
        {
            Problem($"{name} begins while {Running} is running");
            _tests.Add(new TestResult(Running, TestOutcome.Missing, TimeSpan.Zero, now - RunningSince, $"had no result when {name} began"));
        }

        Running = name;
        RunningSince = now;
    }

    private void EndTest(string name, TestOutcome outcome, TimeSpan time, string message, TimeSpan now)
    {
        RequireRun("a result");
        bool begun = Running == name;
        if (!begun && (outcome != TestOutcome.Skipped || Running is not null))
        {
            Problem($"a result of {name}, but {(Running is null ? "no test" : Running)} is running");
        }

        if (!_namesOfRun.Add(name))
        {
            Problem($"{name} reports a second result");
        }

        _tests.Add(new TestResult(name, outcome, time, begun ? now - RunningSince : TimeSpan.Zero, message));
        if (begun)
        {
            Running = null;
        }
    }

    private void EndRun(ProtocolLine.TestEnd end)
    {
        RequireRun("end");
        if (Running is not null)
        {
            Problem($"the run ends while {Running} is running");
        }

        int passed = 0;
        int failed = 0;
        int skipped = 0;
        for (int i = _runStart; i < _tests.Count; i++)
        {
            passed += _tests[i].Outcome == TestOutcome.Passed ? 1 : 0;
            failed += _tests[i].Outcome == TestOutcome.Failed ? 1 : 0;
            skipped += _tests[i].Outcome == TestOutcome.Skipped ? 1 : 0;
        }

        if ((passed, failed, skipped) != (end.Passed, end.Failed, end.Skipped))
        {
            Problem($"the end counts {end.Passed} passed, {end.Failed} failed, {end.Skipped} skipped, "
                + $"but {passed} passed, {failed} failed, {skipped} skipped were reported");
        }

        if (passed + failed + skipped != Planned)
        {
            Problem($"{Planned} tests were planned, but {passed + failed + skipped} reported a result");
        }

        _inRun = false;
    }

    private void RequireRun(string what)
    {
        if (!_inRun)
        {
            Problem($"{what} outside of a run: no '##test plan' before it");
        }
    }

    private void Problem(string text) => _problems.Add($"line {_lineNumber}: {text}");

    private static string Shorten(string line) => line.Length <= 200 ? line : line[..200] + "...";
}
