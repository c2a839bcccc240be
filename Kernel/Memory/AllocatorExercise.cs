using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;

namespace CosmosKernel.Memory;

/// <summary>Which allocator an exercise uses.</summary>
public enum AllocatorKind
{
    /// <summary>Runs of physical frames, 1 to 16.</summary>
    Frames,

    /// <summary>Native heap blocks that come from slab caches, up to 2048 bytes.</summary>
    Slabs,

    /// <summary>Native heap blocks up to 64 KiB, some of them resized.</summary>
    Heap,

    /// <summary>Virtual areas up to 32 KiB, each with a guard page.</summary>
    Areas,
}

/// <summary>
/// Takes and gives back memory at random, and fills it with a pattern of its own that it checks before it gives it back: so an allocator that gives one piece of memory to two
/// owners is found out. For tests; used by one task at a time, in task context.
/// </summary>
[TaskPrivate]
public sealed unsafe class AllocatorExercise
{
    private const int Slots = 64;
    private const int LongestRun = 16;
    private const int LargestHeapBlock = 64 * 1024;
    private const int LargestArea = 32 * 1024;

    private readonly AllocatorKind _kind;
    private readonly nuint[] _blocks = new nuint[Slots];
    private readonly nuint[] _words = new nuint[Slots];
    private readonly ulong[] _patterns = new ulong[Slots];
    private ulong _state;

    /// <summary>Prepares an exercise.</summary>
    /// <param name="kind">The allocator.</param>
    /// <param name="seed">What the choices follow from; different owners need different ones.</param>
    public AllocatorExercise(AllocatorKind kind, ulong seed)
    {
        _kind = kind;
        _state = (seed + 1) * 0x9E37_79B9_7F4A_7C15;
    }

    /// <summary>Pieces of memory that did not hold their owner's pattern any more, or whose guard page was mapped.</summary>
    public int Errors { get; private set; }

    /// <summary>Requests that found no memory.</summary>
    public int Failures { get; private set; }

    /// <summary>Takes a piece of memory, or gives one back.</summary>
    public void Step()
    {
        int slot = (int)(Next() % Slots);
        if (_blocks[slot] == 0)
        {
            Take(slot);
        }
        else if (_kind == AllocatorKind.Heap && Next() % 4 == 0)
        {
            Resize(slot);
        }
        else
        {
            Give(slot);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void ReleaseAll()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            if (_blocks[slot] != 0)
            {
                Give(slot);
            }
        }
    }

    /// <summary>Takes a run of frames from a zone and gives it back.</summary>
    /// <param name="zone">Where it may lie at most.</param>
    /// <param name="frames">1 to <see cref="FrameAllocator.LongestRun"/>.</param>
    /// <param name="physical">Where it was.</param>
    /// <returns>False when there was none.</returns>
    public static bool TryZone(FrameZone zone, int frames, out ulong physical)
    {
        physical = 0;
        Frame* frame = FrameAllocator.Allocate((nuint)frames, FrameUse.Kernel, zone);
        if (frame == null)
        {
            return false;
        }

        physical = FrameTable.PhysicalOf(frame);
        FrameAllocator.Free(frame);
        return true;
    }

    /// <summary>
    /// Takes up to <paramref name="frames"/> single frames, writes a word of its own into each, reads all of them back, and gives them back: memory that does not answer, or
    /// that answers at two addresses, is found. The frames lie as high as the allocator has them.
    /// </summary>
    /// <returns>How many were taken, and how many words were wrong.</returns>
    public static (int Taken, int Wrong, ulong Highest) TouchFrames(int frames)
    {
        Frame* first = null;
        int taken = 0;
        ulong highest = 0;
        while (taken < frames)
        {
            Frame* frame = FrameAllocator.Allocate(1, FrameUse.Kernel);
            if (frame == null)
            {
                break;
            }

            ulong physical = FrameTable.PhysicalOf(frame);
            highest = physical > highest ? physical : highest;
            *(ulong*)FrameTable.AddressOf(frame) = ~physical;
            frame->Next = first;
            first = frame;
            taken++;
        }

        int wrong = 0;
        while (first != null)
        {
            Frame* frame = first;
            first = frame->Next;
            wrong += *(ulong*)FrameTable.AddressOf(frame) == ~FrameTable.PhysicalOf(frame) ? 0 : 1;
            FrameAllocator.Free(frame);
        }

        return (taken, wrong, highest);
    }

    private void Take(int slot)
    {
        nuint bytes = _kind switch
        {
            AllocatorKind.Frames => (nuint)(1 + (Next() % LongestRun)) * Frame.Size,
            AllocatorKind.Slabs => (nuint)(8 + (Next() % (SlabCache.LargestObject - 8))),
            AllocatorKind.Heap => (nuint)(8 + (Next() % LargestHeapBlock)),
            _ => (nuint)(8 + (Next() % LargestArea)),
        };
        nuint block = _kind switch
        {
            AllocatorKind.Frames => AddressOf(FrameAllocator.Allocate(bytes / Frame.Size, FrameUse.Kernel)),
            AllocatorKind.Areas => (nuint)VirtualAreas.Allocate(bytes, VirtualAreaUse.Kernel),
            _ => (nuint)KernelHeap.Allocate(bytes),
        };
        if (block == 0)
        {
            Failures++;
            return;
        }

        if (_kind == AllocatorKind.Areas && PageTables.TryTranslate(block - 1, out _))
        {
            Errors++;
        }

        _blocks[slot] = block;
        _words[slot] = bytes / sizeof(ulong);
        _patterns[slot] = Next();
        Fill(slot);
    }

    private void Resize(int slot)
    {
        nuint bytes = (nuint)(8 + (Next() % LargestHeapBlock));
        nuint words = bytes / sizeof(ulong);
        void* block = KernelHeap.Reallocate((void*)_blocks[slot], bytes);
        if (block == null)
        {
            Failures++;
            return;
        }

        _blocks[slot] = (nuint)block;
        _words[slot] = words < _words[slot] ? words : _words[slot];
        Verify(slot);
        _words[slot] = words;
        Fill(slot);
    }

    private void Give(int slot)
    {
        Verify(slot);
        var block = (void*)_blocks[slot];
        _blocks[slot] = 0;
        switch (_kind)
        {
            case AllocatorKind.Frames:
                FrameAllocator.Free(FrameTable.OfAddress(block));
                break;
            case AllocatorKind.Areas:
                VirtualAreas.Free(block);
                break;
            default:
                KernelHeap.Free(block);
                break;
        }
    }

    private void Fill(int slot)
    {
        var words = new Span<ulong>((void*)_blocks[slot], (int)_words[slot]);
        words.Fill(_patterns[slot]);
    }

    private void Verify(int slot)
    {
        var words = new ReadOnlySpan<ulong>((void*)_blocks[slot], (int)_words[slot]);
        Errors += words.ContainsAnyExcept(_patterns[slot]) ? 1 : 0;
    }

    private static nuint AddressOf(Frame* frame) => frame == null ? 0 : (nuint)FrameTable.AddressOf(frame);

    // xorshift64 (Marsaglia, "Xorshift RNGs", 2003).
    private ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }
}
