using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>
/// Physical memory that is in use although the firmware calls it usable: page 0 and the real-mode area, the image, the initial file system,
/// the loader's data, and what <see cref="EarlyFrames"/> gave away. Constant once the frame allocator has started.
/// </summary>
public static unsafe class BootReservations
{
    /// <summary>Number of reserved ranges.</summary>
    public const int Count = 5;

    /// <summary>Memory below this is not given to the frame allocator: interrupt vectors, firmware data and the start-up code of the other CPUs.</summary>
    public const ulong LowEnd = 0x10_0000;

    /// <summary>Reserved range <paramref name="index"/>, whole pages; may be empty.</summary>
    public static MemoryRange Get(int index)
    {
        MemoryRange range = index switch
        {
            0 => new MemoryRange { Start = 0, End = LowEnd },
            1 => new MemoryRange { Start = ImageLayout.PhysicalStart, End = ImageLayout.PhysicalEnd },
            2 => new MemoryRange { Start = BootInformation.InitrdStart, End = BootInformation.InitrdEnd },
            3 => BootInformation.LoaderData,
            _ => EarlyFrames.Taken,
        };
        range.Kind = MemoryKind.Reserved;
        range.Start &= ~0xFFFul;
        range.End = (range.End + 0xFFF) & ~0xFFFul;
        return range;
    }

    /// <summary>Whether [start, end) touches a reserved range; if so, <paramref name="after"/> is the end of one that it touches.</summary>
    public static bool Overlap(ulong start, ulong end, out ulong after)
    {
        for (int i = 0; i < Count; i++)
        {
            MemoryRange range = Get(i);
            if (range.Start < end && start < range.End)
            {
                after = range.End;
                return true;
            }
        }

        after = start;
        return false;
    }
}
