using System;
using CosmosKernel.Runtime.Native;

namespace CosmosKernel.Runtime.Services;

/// <summary>Random bytes for the layers above (random(4), getrandom(2)). Task context; allocates nothing.</summary>
public static unsafe class RandomSource
{
    /// <summary>The CPU's own generator has seeded it: the bytes are fit for secrets. False before the first use.</summary>
    public static bool IsSeeded => RandomNumbers.IsSeeded;

    /// <summary>Bytes that were mixed in since boot.</summary>
    public static ulong MixedBytes => RandomNumbers.MixedBytes;

    /// <summary>
    /// Mixes bytes into the generator: what it gives out afterwards depends on them and on what it held before, so bytes that are no good do no harm. Task context; allocates nothing.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isTrusted">They come from a generator fit for secrets: once 32 of them are in at a time, <see cref="IsSeeded"/> is true.</param>
    public static void Mix(ReadOnlySpan<byte> bytes, bool isTrusted)
    {
        fixed (byte* start = bytes)
        {
            RandomNumbers.Mix(start, bytes.Length, isTrusted);
        }
    }

    /// <summary>Fills a buffer.</summary>
    public static void Fill(Span<byte> to)
    {
        fixed (byte* start = to)
        {
            RandomNumbers.Fill(start, to.Length);
        }
    }
}
