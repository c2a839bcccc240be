using System.Collections.Generic;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>A piece of code that a symbol names: a method that ILC compiled, or assembly from one label to the next.</summary>
internal sealed class Function
{
    /// <summary>The object that contains it.</summary>
    public required CodeObject Object { get; init; }

    /// <summary>The section that contains it.</summary>
    public required ElfSection Section { get; init; }

    /// <summary>Offset of its first byte in the section.</summary>
    public required ulong Start { get; init; }

    /// <summary>Offset behind its last byte.</summary>
    public required ulong End { get; init; }

    /// <summary>Whether its symbol has a size; without one it may run on into the next function.</summary>
    public required bool HasSize { get; init; }

    /// <summary>All symbols at its start; the first one names it in reports.</summary>
    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>Its name for a reader.</summary>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
