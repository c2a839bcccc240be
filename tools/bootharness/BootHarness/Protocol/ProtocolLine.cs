using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosKernel.BootHarness.Protocol;

/// <summary>One line of the protocol, parsed. docs/testing.md has the table.</summary>
public abstract record ProtocolLine
{
    private static readonly Regex s_name = new(@"\A[A-Za-z0-9._-]{1,200}\z", RegexOptions.CultureInvariant);

    /// <summary><c>##test plan COUNT</c>.</summary>
    public sealed record TestPlan(int Count) : ProtocolLine;

    /// <summary><c>##test begin NAME</c>.</summary>
    public sealed record TestBegin(string Name) : ProtocolLine;

    /// <summary><c>##test pass NAME ns=NUMBER</c>.</summary>
    public sealed record TestPass(string Name, TimeSpan Time) : ProtocolLine;

    /// <summary><c>##test fail NAME ns=NUMBER message=TEXT</c>.</summary>
    public sealed record TestFail(string Name, TimeSpan Time, string Message) : ProtocolLine;

    /// <summary><c>##test skip NAME message=TEXT</c>.</summary>
    public sealed record TestSkip(string Name, string Message) : ProtocolLine;

    /// <summary><c>##test end passed=NUMBER failed=NUMBER skipped=NUMBER</c>.</summary>
    public sealed record TestEnd(int Passed, int Failed, int Skipped) : ProtocolLine;

    /// <summary><c>##figure NAME VALUE UNIT</c>.</summary>
    public sealed record FigureLine(Figure Figure) : ProtocolLine;

    /// <summary><c>##panic TEXT</c>.</summary>
    public sealed record PanicLine(string Message) : ProtocolLine;

    /// <summary><c>##panic-end</c>.</summary>
    public sealed record PanicEnd : ProtocolLine;

    /// <summary><c>##poweroff</c>.</summary>
    public sealed record PowerOff : ProtocolLine;

    /// <summary><c>##reboot</c>.</summary>
    public sealed record Reboot : ProtocolLine;

    /// <summary>Parses a line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="error">What is wrong with a line that begins like one of the protocol; null otherwise.</param>
    /// <returns>Null for log text, for words that are left for the future, and for broken lines.</returns>
    public static ProtocolLine? Parse(string line, out string? error)
    {
        ArgumentNullException.ThrowIfNull(line);
        error = null;
        if (!line.StartsWith("##", StringComparison.Ordinal))
        {
            return null;
        }

        (string word, string rest) = Split(line[2..]);
        switch (word)
        {
            case "test":
                return ParseTest(rest, out error);
            case "figure":
                return ParseFigure(rest, out error);
            case "panic":
                return new PanicLine(Escaping.Unescape(rest));
            case "panic-end" when rest.Length == 0:
                return new PanicEnd();
            case "poweroff" when rest.Length == 0:
                return new PowerOff();
            case "reboot" when rest.Length == 0:
                return new Reboot();
            case "panic-end" or "poweroff" or "reboot":
                error = $"text after ##{word}";
                return null;
            default:
                return null;
        }
    }

    private static ProtocolLine? ParseTest(string text, out string? error)
    {
        (string verb, string rest) = Split(text);
        error = null;
        switch (verb)
        {
            case "plan":
                if (Number(rest) is int count)
                {
                    return new TestPlan(count);
                }

                error = $"'{rest}' is no count of tests";
                return null;
            case "end":
                return ParseEnd(rest, out error);
            case "begin" or "pass" or "fail" or "skip":
                break;
            default:
                error = $"'{verb}' is none of plan, begin, pass, fail, skip, end";
                return null;
        }

        (string name, string fields) = Split(rest);
        if (!s_name.IsMatch(name))
        {
            error = $"'{name}' is no test name";
            return null;
        }

        if (verb == "begin")
        {
            error = fields.Length == 0 ? null : $"text after the name: '{fields}'";
            return error is null ? new TestBegin(name) : null;
        }

        TimeSpan time = TimeSpan.Zero;
        if (verb != "skip" && !TakeTime(ref fields, out time))
        {
            error = $"ns=NUMBER is missing after the name of {name}";
            return null;
        }

        if (verb == "pass")
        {
            error = fields.Length == 0 ? null : $"text after the time: '{fields}'";
            return error is null ? new TestPass(name, time) : null;
        }

        const string messageField = "message=";
        if (!fields.StartsWith(messageField, StringComparison.Ordinal))
        {
            error = $"message=TEXT is missing in the result of {name}";
            return null;
        }

        string message = Escaping.Unescape(fields[messageField.Length..]);
        return verb == "fail" ? new TestFail(name, time, message) : new TestSkip(name, message);
    }

    private static TestEnd? ParseEnd(string text, out string? error)
    {
        Match match = Regex.Match(text, @"\Apassed=(\d+) failed=(\d+) skipped=(\d+)\z", RegexOptions.CultureInvariant);
        if (match.Success && Number(match.Groups[1].Value) is int passed && Number(match.Groups[2].Value) is int failed
            && Number(match.Groups[3].Value) is int skipped)
        {
            error = null;
            return new TestEnd(passed, failed, skipped);
        }

        error = $"'{text}' is not passed=NUMBER failed=NUMBER skipped=NUMBER";
        return null;
    }

    private static FigureLine? ParseFigure(string text, out string? error)
    {
        string[] fields = text.Split(' ');
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (fields.Length == 3 && s_name.IsMatch(fields[0]) && fields[2].Length > 0
            && decimal.TryParse(fields[1], styles, CultureInfo.InvariantCulture, out decimal value))
        {
            error = null;
            return new FigureLine(new Figure(fields[0], value, fields[2]));
        }

        error = $"'{text}' is not NAME VALUE UNIT";
        return null;
    }

    private static bool TakeTime(ref string fields, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        (string first, string rest) = Split(fields);
        if (!first.StartsWith("ns=", StringComparison.Ordinal)
            || !ulong.TryParse(first.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out ulong nanoseconds))
        {
            return false;
        }

        time = TimeSpan.FromTicks((long)(nanoseconds / 100));
        fields = rest;
        return true;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static (string First, string Remainder) Split(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..]);
    }
}
