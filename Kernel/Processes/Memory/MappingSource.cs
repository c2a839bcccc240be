using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;

namespace CosmosKernel.Processes.Memory;

/// <summary>What a new mapping shows. The default value is anonymous memory.</summary>
public readonly struct MappingSource
{
    private readonly MemoryProtection _mayNot;

    /// <summary>Describes one.</summary>
    /// <param name="shown">The object; null for anonymous memory.</param>
    /// <param name="offset">Offset in the object, bytes; a multiple of 4096.</param>
    /// <param name="mayProtection">What mprotect(2) may ever allow: what the file was opened for.</param>
    /// <param name="file">The open file, of which the mapping keeps a reference; null for none.</param>
    public MappingSource(MappedObject? shown, ulong offset, MemoryProtection mayProtection = MemoryProtection.All, OpenFile? file = null)
    {
        Object = shown;
        Offset = offset;
        _mayNot = MemoryProtection.All & ~mayProtection;
        File = file;
    }

    /// <summary>The object; null for anonymous memory.</summary>
    public MappedObject? Object { get; }

    /// <summary>The open file, for reports.</summary>
    public OpenFile? File { get; }

    /// <summary>Offset in the object, bytes.</summary>
    public ulong Offset { get; }

    /// <summary>What mprotect(2) may ever allow.</summary>
    public MemoryProtection MayProtection => MemoryProtection.All & ~_mayNot;

    /// <summary>A name in brackets for /proc; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>Flags that no MAP_ flag stands for.</summary>
    public AreaFlags Extra { get; init; }
}
