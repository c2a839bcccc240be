using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Modules;

/// <summary>
/// The kernel's command line in Linux's form: words <c>NAME</c> and <c>NAME=VALUE</c>, values with spaces in double quotes; behind <c>--</c> everything belongs to init.
/// Parsed once at boot, constant afterwards.
/// </summary>
public static class KernelOptions
{
    private static readonly HashSet<string> s_known =
    [
        "console", "init", "rdinit", "root", "quiet", "loglevel", "panic", "maxcpus", "nosmp", "test", "test-list", "ro", "rw", "BOOT_IMAGE",
        "acpi", "nox2apic", "noapictimer", "lapic", "hpet", "tsc", "clocksource",
    ];

    private static readonly List<KeyValuePair<string, string>> s_options = [];

    /// <summary>The command line as the boot loader passed it.</summary>
    public static string CommandLine { get; private set; } = "";

    /// <summary>All options in order; the value of a word without <c>=</c> is empty.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All => s_options;

    /// <summary>Reads the boot loader's command line. Once, by the boot task.</summary>
    public static void Initialize()
    {
        CommandLine = Encoding.UTF8.GetString(BootInformation.CommandLine);
        foreach (string word in Split(CommandLine))
        {
            if (word == "--")
            {
                break;
            }

            int equals = word.IndexOf('=');
            s_options.Add(equals < 0 ? new(word, "") : new(word[..equals], word[(equals + 1)..]));
        }
    }

    /// <summary>Warns of options that nobody knows. After all modules were added.</summary>
    public static void WarnOfUnknown()
    {
        foreach ((string name, string value) in s_options)
        {
            int dot = name.IndexOf('.');
            ModuleEntry? module = dot > 0 ? ModuleRegistry.Find(name[..dot]) : null;
            bool known = s_known.Contains(name) || name.StartsWith('/') || HasParameter(module, name, dot);
            if (!known)
            {
                KernelLog.Warning($"unknown boot option: {name}{(value.Length > 0 ? "=" + value : "")}");
            }
        }
    }

    /// <summary>The last value given for an option.</summary>
    public static bool TryGet(string name, out string value)
    {
        value = "";
        bool found = false;
        foreach (KeyValuePair<string, string> option in s_options)
        {
            if (option.Key == name)
            {
                value = option.Value;
                found = true;
            }
        }

        return found;
    }

    /// <summary>Whether an option is there, with or without a value.</summary>
    public static bool Has(string name) => TryGet(name, out _);

    /// <summary>An option as a number; a value that is no number in the range is a warning and <paramref name="otherwise"/> is returned.</summary>
    public static int GetNumber(string name, int otherwise, int minimum, int maximum)
    {
        if (!TryGet(name, out string value))
        {
            return otherwise;
        }

        if (int.TryParse(value, out int number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        KernelLog.Warning($"boot option {name}={value}: expected a number from {minimum} to {maximum}; using {otherwise}");
        return otherwise;
    }

    private static bool HasParameter(ModuleEntry? module, string name, int dot)
    {
        if (module is not null)
        {
            foreach (ModuleParameter parameter in module.Parameters)
            {
                if (name.AsSpan(dot + 1).SequenceEqual(parameter.Name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static IEnumerable<string> Split(string line)
    {
        var word = new StringBuilder();
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && char.IsWhiteSpace(c))
            {
                if (word.Length > 0)
                {
                    yield return word.ToString();
                    word.Clear();
                }
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
