using System;
using CosmosKernel.Memory.Frames;

namespace Cosmos.Core;

/// <summary>Figures of the managed heap. Task context.</summary>
public static class GCImplementation
{
    private const ulong BytesPerMebibyte = 1024 * 1024;

    /// <summary>Memory that nobody uses, in mebibytes.</summary>
    public static ulong GetAvailableRAM() => FrameAllocator.FreeFrames * (ulong)Frame.Size / BytesPerMebibyte;

    /// <summary>Memory in managed objects, in bytes; 4 GiB - 1 when there is more.</summary>
    public static uint GetUsedRAM() => (uint)Math.Min(GC.GetTotalMemory(false), uint.MaxValue);

    /// <summary>The heap is up before a Cosmos kernel runs, so there is nothing to do.</summary>
    public static void Init()
    {
    }

    /// <summary>The collector finds out itself what nobody refers to, so there is nothing to do.</summary>
    public static void Free(object aObj)
    {
    }
}
