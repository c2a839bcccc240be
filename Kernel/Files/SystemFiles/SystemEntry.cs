using System;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>One entry of a <see cref="SystemDirectory"/>.</summary>
/// <param name="name">Its name.</param>
/// <param name="number">Its inode number.</param>
/// <param name="mode">Its type; permissions do not matter.</param>
public readonly ref struct SystemEntry(ReadOnlySpan<byte> name, ulong number, uint mode)
{
    /// <summary>Its name.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Its inode number.</summary>
    public ulong Number { get; } = number;

    /// <summary>Its type.</summary>
    public uint Mode { get; } = mode;
}
