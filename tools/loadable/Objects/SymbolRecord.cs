namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary>What a symbol stands for, as far as sharing it between compilations goes.</summary>
internal enum SymbolKind
{
    /// <summary>Code: two compilations may share it only if both made the same.</summary>
    Code,

    /// <summary>A method table, whose size tells its slots.</summary>
    Type,

    /// <summary>A generic dictionary, whose size tells its slots.</summary>
    Dictionary,

    /// <summary>Anything else: one for all.</summary>
    Data,
}

/// <summary>A symbol that others may bind to.</summary>
/// <param name="Name">Its mangled name.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Size">Bytes of its section.</param>
/// <param name="Content">Hash of what its section holds and refers to; for static fields, where they begin behind the state of their class constructor, if it has one; 0 for others.</param>
internal readonly record struct SymbolRecord(string Name, SymbolKind Kind, long Size, ulong Content);
