using System;

namespace CosmosKernel.Modules;

/// <summary>What a module says of another that it needs: <c>NAME</c>, or <c>NAME &gt;= VERSION</c>.</summary>
/// <param name="Name">The other module.</param>
/// <param name="Minimum">The oldest version that will do; null for any.</param>
public sealed record ModuleDependency(string Name, ModuleVersion? Minimum)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is neither form.</exception>
    public static ModuleDependency Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(">=", 2, StringSplitOptions.TrimEntries);
        if (parts[0].Length == 0 || parts[0].Contains(' '))
        {
            throw new FormatException($"expected 'NAME' or 'NAME >= VERSION', found '{text}'");
        }

        if (parts.Length == 1)
        {
            return new ModuleDependency(parts[0], null);
        }

        return ModuleVersion.TryParse(parts[1], out ModuleVersion minimum)
            ? new ModuleDependency(parts[0], minimum)
            : throw new FormatException($"expected a version of one to three numbers behind '>=', found '{parts[1]}'");
    }

    /// <inheritdoc/>
    public override string ToString() => Minimum is { } minimum ? $"{Name} >= {minimum}" : Name;
}
