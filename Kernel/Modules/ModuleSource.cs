using System;
using System.Globalization;

namespace CosmosKernel.Modules;

/// <summary>The list of an image's modules; the build generates one.</summary>
public abstract class ModuleSource
{
    /// <summary>Adds every module to <see cref="ModuleRegistry"/>. Task context.</summary>
    public abstract void Register();

    /// <summary>What the image does once all modules run, in a task of its own, before the interactive console; null for nothing.</summary>
    public virtual Action? Program => null;
}

/// <summary>Reads the values of module parameters, for the generated list.</summary>
public static class ParameterParser
{
    /// <summary>Reads a number, decimal or hexadecimal with <c>0x</c>, and sets it; otherwise says what is wrong.</summary>
    public static string? Number(string text, long minimum, long maximum, Action<long> set)
    {
        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool parsed = hexadecimal
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        if (!parsed || number < minimum || number > maximum)
        {
            return $"expected a number from {minimum} to {maximum}";
        }

        set(number);
        return null;
    }

    /// <summary>Reads yes or no in Linux's forms, and sets it; the option without a value means yes.</summary>
    public static string? Boolean(string text, Action<bool> set)
    {
        switch (text.ToLowerInvariant())
        {
            case "" or "1" or "y" or "yes" or "on" or "true":
                set(true);
                return null;
            case "0" or "n" or "no" or "off" or "false":
                set(false);
                return null;
            default:
                return "expected yes or no (1, y, on, 0, n, off)";
        }
    }
}
