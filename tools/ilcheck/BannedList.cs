using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text.RegularExpressions;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>A mistake in one of the tool's own files; the message begins with file and line.</summary>
internal sealed class ListException(string message) : Exception(message);

/// <summary>The APIs that safe assemblies may not use, each with its reason.</summary>
internal sealed class BannedList
{
    private readonly List<(Regex Pattern, string Name, string Reason)> _entries = [];
    private readonly Dictionary<string, (string Name, string Reason)?> _known = new(StringComparer.Ordinal);

    /// <summary>Reads a list: <c>NAME : REASON</c> a line, <c>#</c> begins a comment.</summary>
    /// <exception cref="ListException">A line has no name or no reason.</exception>
    public static BannedList Parse(IEnumerable<string> lines, string path)
    {
        var list = new BannedList();
        foreach ((string name, string reason, string _) in Entries(lines, path))
        {
            list._entries.Add((Compile(name), name, reason));
        }

        return list;
    }

    /// <summary>Reads the list that is installed beside the tool.</summary>
    public static BannedList Default()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "banned.txt");
        return Parse(File.ReadAllLines(path), path);
    }

    /// <summary>Whether a type is banned, itself or by a type around it.</summary>
    /// <param name="type">Full name with dots between nested types.</param>
    /// <param name="entry">The entry that bans it.</param>
    /// <param name="reason">Why.</param>
    public bool IsBanned(string type, [NotNullWhen(true)] out string? entry, [NotNullWhen(true)] out string? reason)
    {
        if (!_known.TryGetValue(type, out (string Name, string Reason)? found))
        {
            foreach ((Regex pattern, string name, string why) in _entries)
            {
                if (pattern.IsMatch(type))
                {
                    found = (name, why);
                    break;
                }
            }

            _known.Add(type, found);
        }

        entry = found?.Name;
        reason = found?.Reason;
        return found is not null;
    }

    /// <summary>The lines of a list with name, reason and place.</summary>
    /// <exception cref="ListException">A line has no name or no reason.</exception>
    internal static IEnumerable<(string Name, string Reason, string Place)> Entries(IEnumerable<string> lines, string path)
    {
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string text = (comment < 0 ? line : line[..comment]).Trim();
            if (text.Length == 0)
            {
                continue;
            }

            int separator = text.IndexOf(" : ", StringComparison.Ordinal);
            string reason = separator < 0 ? string.Empty : text[(separator + 3)..].Trim();
            if (separator <= 0 || reason.Length == 0)
            {
                throw new ListException($"{path}:{number}: expected NAME : REASON");
            }

            yield return (text[..separator].Trim(), reason, $"{path}:{number}");
        }
    }

    // A name also covers what is inside of it: members and nested types.
    private static Regex Compile(string name) =>
        new($"^{Regex.Escape(name).Replace("\\*", ".*", StringComparison.Ordinal)}(\\..*)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
}
