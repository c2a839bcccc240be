using System;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory;

/// <summary>The archive that the boot loader put into memory (the initial file system), for safe code. It is read by one task, and its memory released once.</summary>
public static unsafe class BootArchive
{
    [Atomic]
    private static int s_isReleased;

    /// <summary>Size in bytes; 0 when there is none, or it was released.</summary>
    public static long Length => Volatile.Read(ref s_isReleased) != 0 ? 0 : (long)(BootInformation.InitrdEnd - BootInformation.InitrdStart);

    /// <summary>Copies from the archive. Any context, but not beside <see cref="Release"/>.</summary>
    /// <param name="offset">0 and up.</param>
    /// <param name="to">Where to.</param>
    /// <returns>Bytes copied; fewer than asked for at the end, 0 behind it.</returns>
    public static int Read(long offset, Span<byte> to)
    {
        long rest = Length - offset;
        if (offset < 0 || rest <= 0)
        {
            return 0;
        }

        int count = (int)Math.Min(rest, to.Length);
        new ReadOnlySpan<byte>((byte*)DirectMap.ToVirtual(BootInformation.InitrdStart) + offset, count).CopyTo(to);
        return count;
    }

    /// <summary>Gives the archive's memory to the frame allocator; nothing can be read after. Any task; a second call does nothing.</summary>
    /// <returns>Bytes that became free.</returns>
    public static long Release()
    {
        if (Length == 0 || Interlocked.Exchange(ref s_isReleased, 1) != 0)
        {
            return 0;
        }

        // Whole frames that hold nothing else.
        ulong start = (BootInformation.InitrdStart + Frame.Size - 1) & ~(ulong)(Frame.Size - 1);
        ulong end = BootInformation.InitrdEnd & ~(ulong)(Frame.Size - 1);
        if (end <= start)
        {
            return 0;
        }

        FrameAllocator.AddReserved(start, end);
        return (long)(end - start);
    }
}
