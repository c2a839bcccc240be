using System.Numerics;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>
/// Where the three parts of a split virtqueue lie in its memory (Virtual I/O Device 1.2, section 2.7): as legacy devices want it, one behind the other with the used ring on a page of its own, which modern
/// devices take too.
/// </summary>
/// <param name="size">Descriptors, a power of two from 1 to 32768.</param>
public readonly struct VirtQueueLayout(int size)
{
    /// <summary>The largest queue that the specification allows.</summary>
    public const int LargestSize = 32768;

    internal const int DescriptorBytes = 16;
    private const int Page = 4096;

    /// <summary>Number of descriptors.</summary>
    public int Size { get; } = size;

    /// <summary>Offset of the available ring: flags, index, an entry of 16 bits for each descriptor, and the index at which the driver wants an interrupt.</summary>
    public int Available => Size * DescriptorBytes;

    /// <summary>Offset of the used ring: flags, index, an entry of 64 bits for each descriptor, and the index at which the device wants to be notified.</summary>
    public int Used => (Available + 6 + (2 * Size) + Page - 1) & ~(Page - 1);

    /// <summary>Bytes of all.</summary>
    public int Bytes => Used + 6 + (8 * Size);

    /// <summary>Whether a queue may have this size.</summary>
    public static bool IsValidSize(int size) => size is > 0 and <= LargestSize && BitOperations.IsPow2(size);
}
