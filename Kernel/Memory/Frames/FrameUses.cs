using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Frames;

/// <summary>Counts frames by what they are used for, by looking at each descriptor: for tests and reports that ask rarely.</summary>
public static unsafe class FrameUses
{
    /// <summary>Number of uses: the values of <see cref="FrameUse"/>.</summary>
    public const int Count = (int)FrameUse.UserPageTable + 1;

    /// <summary>Counts all frames, without a lock: exact when nothing is allocated or released meanwhile. Any context; takes about a millisecond for each GiB.</summary>
    /// <param name="frames">Gets the number of frames by <see cref="FrameUse"/>; at least <see cref="Count"/> elements.</param>
    [NoAllocation]
    public static void Read(Span<ulong> frames)
    {
        frames[..Count].Clear();
        ulong end = FrameTable.End;
        for (ulong physical = 0; physical < end; physical += FrameTable.SectionBytes)
        {
            if (FrameTable.HasDescriptor(physical))
            {
                ReadSection(FrameTable.OfPhysical(physical), frames);
            }
        }
    }

    // A run does not cross a section.
    private static void ReadSection(Frame* first, Span<ulong> frames)
    {
        const ulong all = FrameTable.SectionBytes / Frame.Size;
        for (ulong i = 0; i < all;)
        {
            Frame* frame = first + i;
            FrameUse use = frame->Use;
            ulong count = use == FrameUse.Free ? 1ul << (frame->Order & 15) : frame->Count;
            count = count == 0 ? 1 : count;
            count = count > all - i ? all - i : count;
            if ((int)use < Count)
            {
                frames[(int)use] += count;
            }

            i += count;
        }
    }
}
