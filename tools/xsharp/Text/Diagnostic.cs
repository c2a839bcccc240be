using System;
using System.Collections.Generic;
using System.Linq;

namespace XSharp.Text;

/// <summary>One error in the input.</summary>
/// <param name="Position">Where it was found.</param>
/// <param name="Code">Number of the error; docs/xsharp.md lists the groups.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record Diagnostic(SourcePosition Position, int Code, string Message)
{
    /// <summary><c>file(line,column): error XS1234: message</c>.</summary>
    public override string ToString() => $"{Position}: error XS{Code:D4}: {Message}";
}

/// <summary>Collects the errors of one compilation; the same error at the same place is kept once.</summary>
public sealed class DiagnosticBag
{
    private readonly HashSet<Diagnostic> _all = [];

    /// <summary>True once anything was reported.</summary>
    public bool HasErrors => _all.Count != 0;

    /// <summary>All errors, ordered by position; where a line has characters that mean nothing, its grammar is not judged.</summary>
    public IReadOnlyList<Diagnostic> Sorted
    {
        get
        {
            HashSet<(string, int)> unreadable = [.. _all.Where(d => d.Code / 1000 == 1).Select(LineOf)];
            return [.. _all.Where(d => d.Code / 1000 != 2 || !unreadable.Contains(LineOf(d))).OrderBy(d => d.Position).ThenBy(d => d.Code)];
        }
    }

    /// <summary>Adds an error.</summary>
    public void Report(SourcePosition position, int code, string message) => _all.Add(new Diagnostic(position, code, message));

    /// <summary>Adds an error.</summary>
    public void Report(Diagnostic diagnostic) => _all.Add(diagnostic);

    private static (string File, int Line) LineOf(Diagnostic diagnostic) => (diagnostic.Position.File, diagnostic.Position.Line);
}

/// <summary>Ends the statement that is being read or emitted; the next one starts afresh, so that one run reports several errors.</summary>
public sealed class StatementException(SourcePosition position, int code, string message) : Exception(message)
{
    /// <summary>The error to report.</summary>
    public Diagnostic Diagnostic { get; } = new(position, code, message);
}
