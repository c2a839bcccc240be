using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Frames;

/// <summary>
/// Frames that a balloon has taken from the allocator and the host may use meanwhile, for safe code: it learns their numbers, and can only give back what is here. One task at a time; nothing here waits.
/// </summary>
[Owned]
public sealed unsafe class BalloonFrames : IDisposable
{
    // All frames of the balloon, the one taken last first, by Frame.Next.
    private Frame* _held;

    // Frames that are on their way back, in the same way.
    private Frame* _leaving;

    /// <summary>Frames in the balloon, those on their way back included.</summary>
    public long Count { get; private set; }

    /// <summary>Takes frames, as long as there is twice the allocator's <see cref="FrameAllocator.Reserve"/>.</summary>
    /// <param name="numbers">Gets their numbers: physical addresses divided by 4096. Frames above 16 TiB, which have no 32-bit number, are not taken.</param>
    /// <returns>How many.</returns>
    public int Take(Span<uint> numbers)
    {
        int count = 0;
        while (count < numbers.Length && FrameAllocator.FreeFrames > 2 * FrameAllocator.Reserve)
        {
            Frame* frame = FrameAllocator.Allocate(1, FrameUse.Balloon);
            if (frame == null)
            {
                break;
            }

            ulong number = FrameTable.NumberOf(frame);
            if (number > uint.MaxValue)
            {
                FrameAllocator.Free(frame);
                break;
            }

            frame->Next = _held;
            _held = frame;
            Count++;
            numbers[count++] = (uint)number;
        }

        return count;
    }

    /// <summary>Chooses frames to give back, those taken last first. They stay in the balloon until <see cref="Release"/>, which is called once the host knows.</summary>
    /// <param name="numbers">Gets their numbers.</param>
    /// <returns>How many.</returns>
    public int BeginReturn(Span<uint> numbers)
    {
        int count = 0;
        while (count < numbers.Length && _held != null)
        {
            Frame* frame = _held;
            _held = frame->Next;
            frame->Next = _leaving;
            _leaving = frame;
            numbers[count++] = (uint)FrameTable.NumberOf(frame);
        }

        return count;
    }

    /// <summary>Gives the chosen frames to the allocator.</summary>
    public void Release()
    {
        while (_leaving != null)
        {
            Frame* frame = _leaving;
            _leaving = frame->Next;
            Count--;
            FrameAllocator.Free(frame);
        }
    }

    /// <summary>Gives all frames to the allocator. The host has taken them out of its books, or is gone.</summary>
    public void Dispose()
    {
        Release();
        while (_held != null)
        {
            Frame* frame = _held;
            _held = frame->Next;
            Count--;
            FrameAllocator.Free(frame);
        }
    }
}
