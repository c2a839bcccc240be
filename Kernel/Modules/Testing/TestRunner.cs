using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Modules.Testing;

/// <summary>Runs in-kernel tests one after the other and reports each in the line protocol of docs/testing.md. Task context.</summary>
public static class TestRunner
{
    private const string NegativeArea = "negative.";

    /// <summary>All tests of the running modules, sorted by name.</summary>
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

    /// <summary>Runs the tests that match; returns how many failed.</summary>
    /// <param name="globs">Patterns with <c>*</c> and <c>?</c>, separated by commas. Tests of the area <c>negative</c> run only when a pattern begins with it.</param>
    public static int Run(string globs)
    {
        List<KernelTest> tests = All.FindAll(test => Matches(test.Name, globs));
        Report($"##test plan {tests.Count}");
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
        try
        {
            test.Run();
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

    private static bool Matches(string name, string globs)
    {
        foreach (string glob in globs.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            bool negative = name.StartsWith(NegativeArea, StringComparison.Ordinal);
            if ((!negative || glob.StartsWith(NegativeArea, StringComparison.Ordinal)) && FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }

    private static void Report(string line) => KernelConsole.WriteProtocolLine(line);

    private enum Outcome
    {
        Passed,
        Failed,
        Skipped,
    }
}
