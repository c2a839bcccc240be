using System.Collections.Generic;

namespace CosmosKernel.Tools.Modules;

/// <summary>A parameter of a module: the property, and the limits of its attribute.</summary>
/// <param name="Property">Its name.</param>
/// <param name="Type">Full name of its type, or of its elements' type.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Minimum">Lowest number.</param>
/// <param name="Maximum">Highest number.</param>
internal sealed record ParameterDescription(string Property, string Type, string Description, decimal Minimum, decimal Maximum)
{
    /// <summary>It is an array.</summary>
    public bool IsArray { get; init; }

    /// <summary>Most elements, or characters.</summary>
    public int MaximumLength { get; init; } = 1024;

    /// <summary>It may be changed while the module runs.</summary>
    public bool IsWritable { get; init; }

    /// <summary>The names of an enumeration, as C# has them; empty for other types.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The default where the source has it as a constant, as it would be written on the command line; null when it is computed.</summary>
    public string? Default { get; init; }

    /// <summary>The type as C# names it: int, string[], enum.</summary>
    public string ShortType => (Names.Count > 0 ? "enum" : ParameterReader.ShortNames[Type]) + (IsArray ? "[]" : "");
}
