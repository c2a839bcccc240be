using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Heap;

/// <summary>The frame allocator that the host tests give the heap: a slab of native memory, first fit, with a limit that tests set to run out of memory.</summary>
internal static unsafe class HeapFrames
{
    public const int FrameSize = 4096;
    public const nuint AreaGranule = 2 << 20;
    public const nuint DirectBytes = 256 << 20;
    public const nuint AreaBytes = 1 << 30;

    private static readonly byte* s_direct = (byte*)NativeMemory.AlignedAlloc(DirectBytes, AreaGranule);
    private static readonly byte* s_area = (byte*)NativeMemory.AlignedAlloc(AreaBytes, AreaGranule);
    private static readonly bool[] s_used = new bool[DirectBytes / FrameSize];
    private static readonly nint[] s_owners = new nint[DirectBytes / FrameSize];
    private static readonly bool[] s_granules = new bool[AreaBytes / AreaGranule];
    private static readonly object s_lock = new();
    private static nuint s_taken;
    private static int s_hint;

    public static nuint DirectBase => (nuint)s_direct;

    public static nuint AreaBase => (nuint)s_area;

    public static nuint Limit { get; set; } = DirectBytes;

    public static nuint TotalBytes => DirectBytes;

    public static nuint FreeBytes => Limit > s_taken ? Limit - s_taken : 0;

    public static nuint TakenBytes => s_taken;

    public static void Reset()
    {
        Array.Clear(s_used);
        Array.Clear(s_owners);
        Array.Clear(s_granules);
        s_taken = 0;
        s_hint = 0;
        Limit = DirectBytes;
    }

    public static byte* AllocateRun(nuint frames)
    {
        lock (s_lock)
        {
            if (s_taken + (frames * FrameSize) > Limit)
            {
                return null;
            }

            for (int pass = 0; pass < 2; pass++)
            {
                int length = 0;
                for (int i = pass == 0 ? s_hint : 0; i < s_used.Length; i++)
                {
                    length = s_used[i] ? 0 : length + 1;
                    if (length == (int)frames)
                    {
                        int first = i - length + 1;
                        Array.Fill(s_used, true, first, length);
                        s_taken += frames * FrameSize;
                        s_hint = i + 1;
                        new Span<byte>(s_direct + ((nuint)first * FrameSize), length * FrameSize).Fill(0xA5);
                        return s_direct + ((nuint)first * FrameSize);
                    }
                }
            }

            return null;
        }
    }

    public static void FreeRun(byte* memory, nuint frames)
    {
        lock (s_lock)
        {
            int first = (int)((memory - s_direct) / FrameSize);
            for (int i = first; i < first + (int)frames; i++)
            {
                if (!s_used[i] || s_owners[i] != 0)
                {
                    throw new InvalidOperationException($"frame {i} is freed twice or while it has an owner");
                }

                s_used[i] = false;
            }

            new Span<byte>(memory, (int)frames * FrameSize).Fill(0x5A);
            s_taken -= frames * FrameSize;
            s_hint = 0;
        }
    }

    public static byte* AllocateArea(nuint bytes)
    {
        lock (s_lock)
        {
            if (s_taken + bytes > Limit)
            {
                return null;
            }

            int wanted = (int)((bytes + AreaGranule - 1) / AreaGranule);
            int length = 0;
            for (int i = 0; i < s_granules.Length; i++)
            {
                length = s_granules[i] ? 0 : length + 1;
                if (length == wanted)
                {
                    Array.Fill(s_granules, true, i - length + 1, length);
                    s_taken += bytes;
                    return s_area + ((nuint)(i - length + 1) * AreaGranule);
                }
            }

            return null;
        }
    }

    public static void FreeArea(byte* memory, nuint bytes)
    {
        lock (s_lock)
        {
            int first = (int)((nuint)(memory - s_area) / AreaGranule);
            int count = (int)((bytes + AreaGranule - 1) / AreaGranule);
            Array.Fill(s_granules, false, first, count);
            s_taken -= bytes;
        }
    }

    public static void SetOwner(byte* memory, nuint frames, void* owner) =>
        Array.Fill(s_owners, (nint)owner, (int)((memory - s_direct) / FrameSize), (int)frames);

    public static void* GetOwner(nuint address) => (void*)s_owners[(int)((address - (nuint)s_direct) / FrameSize)];

    public static void* FindOwner(nuint address) => GetOwner(address);
}
