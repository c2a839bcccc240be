using System;
using System.IO;
using System.Text.RegularExpressions;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>The C# file in which the API's version is a constant, for the kernel itself.</summary>
internal static partial class VersionSource
{
    /// <summary>The version that stands there.</summary>
    public static Version Read(string file)
    {
        Match match = Constant().Match(File.ReadAllText(file));
        return match.Success && Version.TryParse(match.Groups[2].Value, out Version? version)
            ? version
            : throw new ApiException($"{file}: expected a constant 'Version = \"MAJOR.MINOR.PATCH\"'");
    }

    /// <summary>Writes another one, if it differs.</summary>
    public static void Write(string file, Version version)
    {
        string before = File.ReadAllText(file);
        string after = Constant().Replace(before, $"${{1}}{version}${{3}}");
        if (after != before)
        {
            File.WriteAllText(file, after);
        }
    }

    [GeneratedRegex("(const string Version = \")([0-9.]+)(\")")]
    private static partial Regex Constant();
}
