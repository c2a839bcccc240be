using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>
/// Gives away page frames before the frame allocator exists: one piece of physical memory, sized for page tables and frame descriptors, taken from its start
/// upward. Used by the booting CPU only. <see cref="Taken"/> is what the frame allocator must leave alone.
/// </summary>
[Immutable]
public static unsafe class EarlyFrames
{
    private static ulong s_start;
    private static ulong s_next;
    private static ulong s_limit;

    /// <summary>What was given away so far.</summary>
    public static MemoryRange Taken => new() { Start = s_start, End = s_next, Kind = MemoryKind.Reserved };

    /// <summary>Chooses the largest piece below <paramref name="mappedEnd"/>, which is all that the boot page tables map.</summary>
    [BeforePublication]
    internal static void Initialize(ulong mappedEnd)
    {
        ulong bytes = 1ul << 32;
        while (bytes >= 0x10_0000)
        {
            ulong start = FirmwareMemoryMap.FindUsable(BootReservations.LowEnd, bytes, mappedEnd);
            if (start != 0)
            {
                s_start = start;
                s_next = start;
                s_limit = start + bytes;
                return;
            }

            bytes >>= 1;
        }

        Panic.Now("The machine has less than 1 MiB of free memory"u8);
    }

    /// <summary>Takes <paramref name="count"/> frames that lie together, and clears them. Panics when there are none left.</summary>
    /// <returns>Physical address.</returns>
    [BeforePublication]
    public static ulong Allocate(ulong count)
    {
        ulong bytes = count << 12;
        if (s_limit - s_next < bytes)
        {
            Panic.Now("Out of memory while booting"u8);
        }

        ulong physical = s_next;
        s_next += bytes;
        ulong* word = (ulong*)DirectMap.ToVirtual(physical);
        for (ulong i = 0; i < bytes / sizeof(ulong); i++)
        {
            word[i] = 0;
        }

        return physical;
    }
}
