using System;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Slabs;

/// <summary>
/// One slab cache for reports, and the way to the next one, for callers that hold no pointers. Caches are never released. Any context but NMI.
/// </summary>
public readonly unsafe struct SlabReport
{
    private readonly SlabCache* _cache;

    private SlabReport(SlabCache* cache)
    {
        _cache = cache;
    }

    /// <summary>The first cache, if one exists.</summary>
    public static SlabReport First => new(SlabCache.First);

    /// <summary>Whether this is a cache; false behind the last one, whose figures are all zero.</summary>
    public bool Exists => _cache != null;

    /// <summary>The next cache.</summary>
    public SlabReport Next => new(_cache == null ? null : _cache->Next);

    /// <summary>UTF-8 name.</summary>
    public ReadOnlySpan<byte> Name => _cache == null ? default : _cache->Name;

    /// <summary>Bytes of an object.</summary>
    public int ObjectSize => _cache == null ? 0 : _cache->ObjectSize;

    /// <summary>Objects that are in use.</summary>
    public ulong ObjectsInUse => _cache == null ? 0 : _cache->CountObjectsInUse();

    /// <summary>Objects for which there is memory, those in use included.</summary>
    public ulong Objects => _cache == null ? 0 : (ulong)_cache->Slabs.All * (uint)_cache->ObjectsPerSlab;

    /// <summary>Slabs.</summary>
    public ulong SlabCount => _cache == null ? 0 : (ulong)_cache->Slabs.All;

    /// <summary>Bytes of the slabs.</summary>
    public ulong Bytes => _cache == null ? 0 : (ulong)_cache->Slabs.All * (uint)_cache->FramesPerSlab * Frame.Size;
}
