using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>The surface as it stands in the tree: <c>version MAJOR.MINOR.PATCH</c>, then one line a member, sorted.</summary>
/// <param name="Version">The API's version.</param>
/// <param name="Members">Its members.</param>
internal sealed record ApiFile(Version Version, SortedSet<string> Members)
{
    private const string Title = "version ";

    /// <summary>Reads the file; one that is not there is version 0.0.0 without members.</summary>
    public static ApiFile Read(string file)
    {
        if (!File.Exists(file))
        {
            return new ApiFile(new Version(0, 0, 0), new SortedSet<string>(StringComparer.Ordinal));
        }

        string[] lines = File.ReadAllLines(file);
        if (lines.Length == 0 || !lines[0].StartsWith(Title, StringComparison.Ordinal) || !Version.TryParse(lines[0][Title.Length..], out Version? version) || version.Build < 0)
        {
            throw new ApiException($"{file}(1): expected 'version MAJOR.MINOR.PATCH'");
        }

        return new ApiFile(version, new SortedSet<string>(lines.Skip(1).Where(line => line.Length > 0), StringComparer.Ordinal));
    }

    /// <summary>Writes the file, if that changes it.</summary>
    public void Write(string file)
    {
        string text = $"{Title}{Version}\n{string.Concat(Members.Select(member => member + "\n"))}";
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
    }
}
