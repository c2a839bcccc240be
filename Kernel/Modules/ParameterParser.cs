using System;
using System.Collections.Generic;
using System.Globalization;

namespace CosmosKernel.Modules;

/// <summary>
/// Reads the values of module parameters, for the generated list: each method sets the value, or changes nothing and says what is wrong with the text. Whatever the module's own setter throws is what is
/// wrong too. Task context.
/// </summary>
public static class ParameterParser
{
    /// <summary>Reads a number, decimal or hexadecimal with <c>0x</c>.</summary>
    public static string? Number(string text, long minimum, long maximum, Action<long> set) =>
        TryNumber(text, minimum, maximum, out long number) ? Set(set, number) : $"expected a number from {minimum} to {maximum}";

    /// <summary>Reads a number that is not negative, to the end of 64 bits.</summary>
    public static string? Unsigned(string text, ulong minimum, ulong maximum, Action<ulong> set) =>
        TryUnsigned(text, minimum, maximum, out ulong number) ? Set(set, number) : $"expected a number from {minimum} to {maximum}";

    /// <summary>Reads numbers with commas between them; no text is no numbers.</summary>
    public static string? Numbers(string text, long minimum, long maximum, int most, Action<long[]> set)
    {
        string[] parts = Split(text);
        long[] numbers = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TryNumber(parts[i], minimum, maximum, out numbers[i]))
            {
                return $"expected numbers from {minimum} to {maximum} with commas between them, found '{parts[i]}'";
            }
        }

        return parts.Length > most ? $"expected at most {most} numbers, found {parts.Length}" : Set(set, numbers);
    }

    /// <summary>Reads numbers that are not negative.</summary>
    public static string? UnsignedNumbers(string text, ulong minimum, ulong maximum, int most, Action<ulong[]> set)
    {
        string[] parts = Split(text);
        ulong[] numbers = new ulong[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TryUnsigned(parts[i], minimum, maximum, out numbers[i]))
            {
                return $"expected numbers from {minimum} to {maximum} with commas between them, found '{parts[i]}'";
            }
        }

        return parts.Length > most ? $"expected at most {most} numbers, found {parts.Length}" : Set(set, numbers);
    }

    /// <summary>Takes a text.</summary>
    public static string? Text(string text, int most, Action<string> set)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > most ? $"expected at most {most} characters, found {text.Length}" : Set(set, text);
    }

    /// <summary>Reads texts with commas between them; no text is none.</summary>
    public static string? Texts(string text, int most, Action<string[]> set)
    {
        string[] parts = Split(text);
        return parts.Length > most ? $"expected at most {most} texts, found {parts.Length}" : Set(set, parts);
    }

    /// <summary>Reads one of some names, and sets its place among them.</summary>
    public static string? Choice(string text, IReadOnlyList<string> names, Action<int> set)
    {
        ArgumentNullException.ThrowIfNull(names);
        for (int i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], text, StringComparison.OrdinalIgnoreCase))
            {
                return Set(set, i);
            }
        }

        return $"expected one of {string.Join(", ", names)}";
    }

    /// <summary>Reads yes or no in Linux's forms; the option without a value means yes.</summary>
    public static string? Boolean(string text, Action<bool> set)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ToLowerInvariant() switch
        {
            "" or "1" or "y" or "yes" or "on" or "true" => Set(set, true),
            "0" or "n" or "no" or "off" or "false" => Set(set, false),
            _ => "expected yes or no (1, y, on, 0, n, off)",
        };
    }

    private static string? Set<T>(Action<T> set, T value)
    {
        try
        {
            set(value);
            return null;
        }
        catch (Exception refusal) when (refusal is not OutOfMemoryException)
        {
            return refusal.Message;
        }
    }

    private static string[] Split(string text) => text.Length == 0 ? [] : text.Split(',');

    private static bool TryNumber(string text, long minimum, long maximum, out long number)
    {
        bool parsed = IsHexadecimal(text)
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        return parsed && number >= minimum && number <= maximum;
    }

    private static bool TryUnsigned(string text, ulong minimum, ulong maximum, out ulong number)
    {
        bool parsed = IsHexadecimal(text)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return parsed && number >= minimum && number <= maximum;
    }

    private static bool IsHexadecimal(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
}
