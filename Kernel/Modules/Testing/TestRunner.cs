using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules.Testing;

/// <summary>Runs in-kernel tests one after the other and reports each in the line protocol of docs/testing.md. Task context.</summary>
public static class TestRunner
{
    private const string NegativeArea = "negative.";

    [TaskPrivate]
    private static int s_seenReports;

    [TaskPrivate]
    private static FailedCheckReporter? s_failedChecks;

    /// <summary>All tests of the running modules, sorted by name.</summary>
    [MightSleep]
    public static List<KernelTest> All
    {
        get
        {
            var tests = new List<KernelTest>();
            foreach (ModuleEntry module in ModuleRegistry.Modules)
            {
                if (module.IsRunning)
                {
                    tests.AddRange(module.Tests);
                }
            }

            tests.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            return tests;
        }
    }

    /// <summary>The tests of <see cref="All"/> that <see cref="Run"/> would run.</summary>
    /// <param name="globs">As for <see cref="Run"/>.</param>
    [MightSleep]
    public static List<KernelTest> Matching(string globs) => All.FindAll(test => Matches(test.Name, globs));

    /// <summary>Runs the tests that match; returns how many failed.</summary>
    /// <param name="globs">
    /// Patterns with <c>*</c> and <c>?</c>, separated by commas; one that begins with <c>!</c> leaves tests out. Tests of the area <c>negative</c> run only when a pattern begins with it.
    /// </param>
    [MightSleep]
    public static int Run(string globs)
    {
        List<KernelTest> tests = Matching(globs);
        Report($"##test plan {tests.Count}");
        s_failedChecks ??= new FailedCheckReporter(TaskFaultReporter.Instance);
        TaskFaultReporter.Instance = s_failedChecks;
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        foreach (KernelTest test in tests)
        {
            switch (RunOne(test))
            {
                case Outcome.Passed:
                    passed++;
                    break;
                case Outcome.Failed:
                    failed++;
                    break;
                default:
                    skipped++;
                    break;
            }
        }

        Report($"##test end passed={passed} failed={failed} skipped={skipped}");
        return failed;
    }

    /// <summary>Reports a measurement.</summary>
    /// <param name="name">Area, dot, name.</param>
    /// <param name="value">The figure.</param>
    /// <param name="unit">One word.</param>
    [MightSleep]
    public static void Figure(string name, double value, string unit) =>
        Report($"##figure {name} {value.ToString("0.###", CultureInfo.InvariantCulture)} {unit}");

    /// <summary>Escapes text for the last field of a protocol line.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text)
        {
            if (c is '%' or < ' ' or '\x7f')
            {
                escaped.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                escaped.Append(c);
            }
        }

        return escaped.ToString();
    }

    private static Outcome RunOne(KernelTest test)
    {
        Report($"##test begin {test.Name}");
        ulong start = Clock.MonotonicNanoseconds;
        s_failedChecks?.Take();
        try
        {
            test.Run();
            if (s_failedChecks?.Take() is { } elsewhere)
            {
                throw new CheckFailedException($"in a task of the test: {elsewhere.Message}\n{elsewhere.StackTrace}");
            }

            CheckLockReports();
            Report($"##test pass {test.Name} ns={Clock.MonotonicNanoseconds - start}");
            return Outcome.Passed;
        }
        catch (TestSkippedException skipped)
        {
            Report($"##test skip {test.Name} message={Escape(skipped.Message)}");
            return Outcome.Skipped;
        }
        catch (Exception failure)
        {
            string message = failure is CheckFailedException ? failure.Message + "\n" + failure.StackTrace : failure.ToString();
            Report($"##test fail {test.Name} ns={Clock.MonotonicNanoseconds - start} message={Escape(message)}");
            return Outcome.Failed;
        }
    }

    // Reports from before the first test, at boot, fail the first one.
    private static void CheckLockReports()
    {
        int reports = LockValidator.Reports;
        int fresh = reports - s_seenReports;
        s_seenReports = reports;
        if (fresh != 0)
        {
            throw new CheckFailedException($"The lock validator made {fresh} reports, the last one on the console above.");
        }
    }

    private static bool Matches(string name, string globs)
    {
        bool negative = name.StartsWith(NegativeArea, StringComparison.Ordinal);
        bool wanted = false;
        foreach (string glob in globs.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (glob[0] == '!')
            {
                if (FileSystemName.MatchesSimpleExpression(glob.AsSpan(1), name, ignoreCase: false))
                {
                    return false;
                }
            }
            else if ((!negative || glob.StartsWith(NegativeArea, StringComparison.Ordinal)) && FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false))
            {
                wanted = true;
            }
        }

        return wanted;
    }

    private static void Report(string line) => KernelConsole.WriteProtocolLine(line);

    private enum Outcome
    {
        Passed,
        Failed,
        Skipped,
    }
}
