using System;

namespace CosmosKernel.Files.Initramfs;

/// <summary>An archive is not what its format says.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="offset">Where in the archive, in bytes; in what it unpacks to when it is compressed and that is wrong.</param>
public sealed class ArchiveException(string message, long offset) : Exception($"{message}, at byte {offset}")
{
    /// <summary>Where, in bytes.</summary>
    public long Offset { get; } = offset;
}
