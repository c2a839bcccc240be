using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Modules;

/// <summary>
/// The kernel's command line in Linux's form: words <c>NAME</c> and <c>NAME=VALUE</c>, values with spaces in double quotes; behind <c>--</c> everything belongs to init.
/// Parsed once at boot, constant afterwards.
/// </summary>
public static class KernelOptions
{
    [Immutable]
    private static readonly HashSet<string> s_known =
    [
        "console", "init", "rdinit", "noinitrd", "root", "quiet", "loglevel", "panic", "maxcpus", "nosmp", "test", "test-list", "video", "ro", "rw", "BOOT_IMAGE", "cosmos",
        "nowatchdog", "watchdog_thresh", "softlockup_panic", "hardlockup_panic", "hung_task_timeout_secs",
        "acpi", "nox2apic", "noapictimer", "lapic", "hpet", "tsc", "clocksource", "spinlocks",
        "sysctl.kernel.sched_rt_period_us", "sysctl.kernel.sched_rt_runtime_us", "sysctl.kernel.sched_rr_timeslice_ms",
    ];

    [Immutable]
    private static readonly List<KeyValuePair<string, string>> s_options = [];

    [Immutable]
    private static readonly List<string> s_initWords = [];

    /// <summary>The command line as the boot loader passed it.</summary>
    [Immutable]
    public static string CommandLine { get; private set; } = "";

    /// <summary>All options in order; the value of a word without <c>=</c> is empty.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All => s_options;

    /// <summary>Reads the boot loader's command line. Once, by the boot task.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        CommandLine = Encoding.UTF8.GetString(BootInformation.CommandLine);
        bool forInit = false;
        foreach (string word in Split(CommandLine))
        {
            if (forInit || word == "--")
            {
                if (forInit)
                {
                    s_initWords.Add(word);
                }

                forInit = true;
                continue;
            }

            int equals = word.IndexOf('=');
            s_options.Add(equals < 0 ? new(word, "") : new(word[..equals], word[(equals + 1)..]));
        }
    }

    /// <summary>Warns of options that nobody knows. After all modules were added.</summary>
    [MightSleep]
    public static void WarnOfUnknown()
    {
        foreach ((string name, string value) in s_options)
        {
            if (!IsKnown(name))
            {
                KernelLog.Warning($"unknown boot option: {name}{(value.Length > 0 ? "=" + value : "")}");
            }
        }
    }

    /// <summary>
    /// What the boot line says to the first process, as Linux hands it over (bootparam(7)): words that nobody knows, unless they have a dot, and all behind <c>--</c>. Those of the form
    /// NAME=VALUE before <c>--</c> are its environment, all others its arguments. After all modules were added.
    /// </summary>
    /// <param name="arguments">Gets the arguments, in order.</param>
    /// <param name="environment">Gets the environment, in order.</param>
    [MightSleep]
    public static void GetInitWords(List<string> arguments, List<string> environment)
    {
        foreach ((string name, string value) in s_options)
        {
            if (!IsKnown(name) && !name.Contains('.'))
            {
                if (value.Length > 0)
                {
                    environment.Add($"{name}={value}");
                }
                else
                {
                    arguments.Add(name);
                }
            }
        }

        arguments.AddRange(s_initWords);
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
    [MightSleep]
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

    private static bool IsKnown(string name)
    {
        int dot = name.IndexOf('.');
        ModuleEntry? module = dot > 0 ? ModuleRegistry.Find(name[..dot]) : null;
        return s_known.Contains(name) || name.StartsWith('/') || HasParameter(module, name, dot);
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
