using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Loading;

/// <summary>What a module's <c>.modinfo</c> says: lines KEY=VALUE, each ended by a zero byte, as in Linux (docs/module-loading.md has the keys).</summary>
[TaskPrivate]
internal sealed class ModuleInformation
{
    /// <summary>Longest name of a module (Linux: MODULE_NAME_LEN less the zero).</summary>
    public const int LongestName = 55;

    private readonly List<KeyValuePair<string, string>> _values = [];

    /// <summary>The module's name, checked: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Names of the modules that it needs.</summary>
    public IReadOnlyList<string> Depends { get; private init; } = [];

    /// <summary>Reads the section's bytes.</summary>
    /// <exception cref="ModuleLoadException">It gives no good name.</exception>
    public static ModuleInformation Parse(ReadOnlySpan<byte> bytes)
    {
        var values = new List<KeyValuePair<string, string>>();
        while (bytes.Length > 0)
        {
            int length = bytes.IndexOf((byte)0);
            ReadOnlySpan<byte> line = length < 0 ? bytes : bytes[..length];
            int equals = line.IndexOf((byte)'=');
            if (equals > 0)
            {
                values.Add(new(Encoding.UTF8.GetString(line[..equals]), Encoding.UTF8.GetString(line[(equals + 1)..])));
            }

            bytes = length < 0 ? default : bytes[(length + 1)..];
        }

        string name = Get(values, "name");
        if (!IsName(name))
        {
            throw ModuleLoadException.Format(name.Length == 0 ? "its .modinfo gives no name" : $"'{name}' is no name for a module");
        }

        string[] depends = Get(values, "depends").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var information = new ModuleInformation { Name = name, Depends = depends };
        information._values.AddRange(values);
        return information;
    }

    /// <summary>The first value of a key, or the empty string.</summary>
    public string Get(string key) => Get(_values, key);

    /// <summary>The same name for a file, a command line and the kernel: <c>-</c> is <c>_</c>, as in Linux.</summary>
    public static string Normalize(string name) => name.Replace('-', '_');

    private static string Get(List<KeyValuePair<string, string>> values, string key)
    {
        foreach ((string name, string value) in values)
        {
            if (name == key)
            {
                return value;
            }
        }

        return "";
    }

    private static bool IsName(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= LongestName;
    }
}
