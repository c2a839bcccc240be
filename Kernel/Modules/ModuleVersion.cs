using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CosmosKernel.Modules;

/// <summary>A version of a module: one to three numbers with points between them, those that are missing 0.</summary>
/// <param name="Major">Raised when what others use of the module was changed or taken away.</param>
/// <param name="Minor">Raised when something was added.</param>
/// <param name="Patch">Raised otherwise.</param>
public readonly record struct ModuleVersion(int Major, int Minor = 0, int Patch = 0) : IComparable<ModuleVersion>
{
    private const int MostNumbers = 3;

    /// <summary>Whether the one is older than the other.</summary>
    public static bool operator <(ModuleVersion left, ModuleVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the one is newer than the other.</summary>
    public static bool operator >(ModuleVersion left, ModuleVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the one is not newer than the other.</summary>
    public static bool operator <=(ModuleVersion left, ModuleVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the one is not older than the other.</summary>
    public static bool operator >=(ModuleVersion left, ModuleVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads a version; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModuleVersion version)
    {
        version = default;
        string[] parts = (text ?? "").Split('.');
        Span<int> numbers = stackalloc int[MostNumbers];
        numbers.Clear();
        if (parts.Length > MostNumbers)
        {
            return false;
        }

        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        version = new ModuleVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ModuleVersion other)
    {
        int order = Major.CompareTo(other.Major);
        order = order != 0 ? order : Minor.CompareTo(other.Minor);
        return order != 0 ? order : Patch.CompareTo(other.Patch);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
