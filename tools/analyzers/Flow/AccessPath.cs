using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>Where a path begins.</summary>
internal enum PathRoot
{
    /// <summary>At the object whose method runs.</summary>
    This,

    /// <summary>At a static member.</summary>
    Static,

    /// <summary>At a local variable or parameter.</summary>
    Variable,

    /// <summary>At an object that this very code has just made: nobody else sees it.</summary>
    Fresh,
}

/// <summary>
/// How code names an object or a lock: a root and the members from there. Two equal paths are taken for the same object: this assumes that nothing on the way is
/// changed between, which docs/analyzers/index.md says.
/// </summary>
/// <param name="key">The whole path as text; equal texts are equal paths.</param>
/// <param name="root">Where it begins.</param>
/// <param name="last">The last member, or the variable if there is none; null for the object itself.</param>
/// <param name="isCurrentTask">It begins at the running task.</param>
internal sealed class AccessPath(string key, PathRoot root, ISymbol? last, bool isCurrentTask)
{
    /// <summary>The whole path as text; equal texts are equal paths.</summary>
    public string Key { get; } = key;

    /// <summary>Where it begins.</summary>
    public PathRoot Root { get; } = root;

    /// <summary>The last member, or the variable if there is none; null for the object itself.</summary>
    public ISymbol? Last { get; } = last;

    /// <summary>It begins at the running task.</summary>
    public bool IsCurrentTask { get; } = isCurrentTask;
}
