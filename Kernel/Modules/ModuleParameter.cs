using System;

namespace CosmosKernel.Modules;

/// <summary>A parameter of a module, as the image's generated list knows it.</summary>
/// <param name="Name">Name behind the module's prefix.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Set">Parses and sets; returns null, or what is wrong with the value.</param>
public sealed record ModuleParameter(string Name, string Description, Func<string, string?> Set)
{
    /// <summary>The value now, as it would be written on the command line.</summary>
    public Func<string> Get { get; init; } = static () => "";

    /// <summary>Its type as C# names it: <c>int</c>, <c>string[]</c>, and <c>enum</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>It may be changed while the module runs.</summary>
    public bool IsWritable { get; init; }
}
