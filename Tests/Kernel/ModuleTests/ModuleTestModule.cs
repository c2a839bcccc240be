using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Modules;

/// <summary>Tests of what the kernel promises to modules. The module itself has a parameter of each type, which the host's boots set on the command line.</summary>
[Module("module-tests", Version = "1.2.3", Author = "CosmosKernel", License = "MIT", Description = "In-kernel tests of modules")]
public sealed class ModuleTestModule : KernelModule
{
    private const string Own = "module-tests";
    private const int DefaultLevel = 5;

    /// <summary>A number with limits.</summary>
    [ModuleParameter("A number from 1 to 9", Minimum = 1, Maximum = 9)]
    [Immutable]
    public int Level { get; set; } = DefaultLevel;

    /// <summary>A large number.</summary>
    [ModuleParameter("Any number of 64 bits")]
    [Immutable]
    public long Size { get; set; } = -1;

    /// <summary>A switch.</summary>
    [ModuleParameter("A switch")]
    [Immutable]
    public bool Verbose { get; set; }

    /// <summary>A text.</summary>
    [ModuleParameter("A text")]
    [Immutable]
    public string Label { get; set; } = "none";

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>Each parameter has the value of its boot option, and its default where there is none or a bad one, of which the log warns.</summary>
    [KernelTest("module.parameters_come_from_the_boot_options")]
    public void ParametersComeFromBootOptions()
    {
        CheckParameter("level", Level, DefaultLevel, text => int.TryParse(text, out int number) && number is >= 1 and <= 9 ? number : null);
        CheckParameter("size", Size, -1L, ParseSize);
        CheckParameter("verbose", Verbose, false, text => text is "" or "1" or "y" or "on" ? true : text is "0" or "n" or "off" ? false : null);
        string label = KernelOptions.TryGet($"{Own}.label", out string value) ? value : "none";
        Check.Equal(label, Label);
    }

    /// <summary>What a module says of itself is known, and its parameters and tests are listed.</summary>
    [KernelTest("module.a_module_is_described")]
    public void AModuleIsDescribed()
    {
        ModuleEntry entry = ModuleRegistry.Find(Own)!;
        Check.True(ReferenceEquals(this, entry.Module), "the instance is the one in the list");
        Check.True(entry.IsRunning, "it runs");
        Check.Equal("1.2.3", entry.About.Version);
        Check.Equal("MIT", entry.About.License);
        Check.Equal("CosmosKernel", entry.About.Author);
        Check.SequenceEqual(["label", "level", "size", "verbose"], [.. entry.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal)]);
        Check.True(entry.Tests.Any(test => test.Name == "module.a_module_is_described"), "its tests are listed");
    }

    /// <summary>Numbers are read in decimal and hexadecimal, within their limits; switches in Linux's forms.</summary>
    [KernelTest("module.parameter_values_are_checked")]
    public static void ParameterValuesAreChecked()
    {
        List<long> numbers = [];
        string?[] problems = [.. ((string[])["7", "0x1f", "-3", "32", "-11", "", "x", "0x", "1.5", " 7", "9223372036854775808"]).Select(text => ParameterParser.Number(text, -10, 31, numbers.Add))];
        Check.SequenceEqual([7L, 31, -3], [.. numbers]);
        Check.SequenceEqual([false, false, false, true, true, true, true, true, true, true, true], [.. problems.Select(problem => problem is not null)]);
        List<bool> switches = [];
        problems = [.. ((string[])["", "1", "y", "YES", "on", "true", "0", "n", "No", "off", "false", "2", "maybe"]).Select(text => ParameterParser.Boolean(text, switches.Add))];
        Check.SequenceEqual([true, true, true, true, true, true, false, false, false, false, false], [.. switches]);
        Check.Equal(2, problems.Count(problem => problem is not null));
    }

    private static long? ParseSize(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return long.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out long hexadecimal) ? hexadecimal : null;
        }

        return long.TryParse(text, out long number) ? number : null;
    }

    private static void CheckParameter<T>(string name, T actual, T otherwise, Func<string, T?> parse)
        where T : struct
    {
        string option = $"{Own}.{name}";
        T? given = KernelOptions.TryGet(option, out string text) ? parse(text) : null;
        Check.Equal(given ?? otherwise, actual, option);
        bool isBad = KernelOptions.Has(option) && given is null;
        bool warned = KernelLog.Lines.Any(line => line.Level == LogLevel.Warning && line.Text.Contains($"boot option {option}={text}", StringComparison.Ordinal));
        Check.Equal(isBad, warned, $"a warning of {option}={text}");
    }
}
