using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Uses that were looked at and found right: <c>WHERE uses WHAT : REASON</c> a line; both parts may hold <c>*</c>.</summary>
internal sealed class AllowList
{
    private readonly List<Entry> _entries = [];

    /// <summary>Reads a list.</summary>
    /// <exception cref="ListException">A line is not of that form.</exception>
    public static AllowList Parse(IEnumerable<string> lines, string path)
    {
        const string Uses = " uses ";
        var list = new AllowList();
        foreach ((string name, string _, string place) in BannedList.Entries(lines, path))
        {
            int split = name.IndexOf(Uses, StringComparison.Ordinal);
            if (split <= 0)
            {
                throw new ListException($"{place}: expected WHERE uses WHAT : REASON");
            }

            list._entries.Add(new Entry(Compile(name[..split].Trim()), Compile(name[(split + Uses.Length)..].Trim()), place));
        }

        return list;
    }

    /// <summary>Places of the entries that allowed nothing.</summary>
    public IEnumerable<string> Unused => _entries.Where(e => !e.Used).Select(e => e.Place);

    /// <summary>Whether an entry allows a finding.</summary>
    public bool Allows(Finding finding)
    {
        Entry? entry = _entries.Find(e => e.Where.IsMatch(finding.Where) && e.What.IsMatch(finding.What));
        if (entry is not null)
        {
            entry.Used = true;
        }

        return entry is not null;
    }

    private static Regex Compile(string name) => new($"^{Regex.Escape(name).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);

    private sealed record Entry(Regex Where, Regex What, string Place)
    {
        public bool Used { get; set; }
    }
}
