using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The work list of marking, in frames that are reserved between collections: marking never allocates. When it is full, <see cref="Push"/> refuses
/// and the marker falls back to scanning blocks; the next collection then gets a larger one.
/// </summary>
[Protocol(CollectorProtocol.HoldsCollection)]
internal static unsafe class MarkStack
{
    private const nuint InitialBytes = 64 * 1024;

    private static nuint* s_base;
    private static nuint* s_limit;
    private static nuint* s_top;
    private static nuint s_bytes;

    /// <summary>Bytes reserved.</summary>
    public static nuint Bytes => s_bytes;

    /// <summary>True when nothing is left to do.</summary>
    public static bool IsEmpty => s_top == s_base;

    /// <summary>The oldest word's place. The marker's loop keeps the top in a register, and stores it back where others push.</summary>
    public static nuint* Base => s_base;

    /// <summary>The place after the last one.</summary>
    public static nuint* Limit => s_limit;

    /// <summary>The place that the next word goes to.</summary>
    public static nuint* Top
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_top;
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => s_top = value;
    }

    /// <summary>Reserves the first frames; false when there is no memory.</summary>
    [BeforePublication]
    public static bool Initialize(nuint bytes = InitialBytes)
    {
        s_base = (nuint*)HeapFrames.AllocateRun(bytes / HeapFrames.FrameSize);
        s_bytes = s_base == null ? 0 : bytes;
        s_top = s_base;
        s_limit = s_base + (s_bytes / (nuint)sizeof(nuint));
        return s_base != null;
    }

    /// <summary>
    /// Makes the stack at least <paramref name="bytes"/> large if memory allows; otherwise it stays as it is. The caller holds the collection's lock, the world runs.
    /// </summary>
    public static void Reserve(nuint bytes)
    {
        nuint wanted = s_bytes;
        while (wanted < bytes)
        {
            wanted *= 2;
        }

        if (wanted == s_bytes)
        {
            return;
        }

        byte* memory = HeapFrames.AllocateRun(wanted / HeapFrames.FrameSize);
        if (memory == null)
        {
            return;
        }

        byte* old = (byte*)s_base;
        nuint oldBytes = s_bytes;
        s_base = (nuint*)memory;
        s_bytes = wanted;
        s_top = s_base;
        s_limit = s_base + (wanted / (nuint)sizeof(nuint));
        HeapFrames.FreeRun(old, oldBytes / HeapFrames.FrameSize);
    }

    /// <summary>Adds a word; false when the stack is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Push(nuint word)
    {
        nuint* top = s_top;
        if (top == s_limit)
        {
            return false;
        }

        *top = word;
        s_top = top + 1;
        return true;
    }

    /// <summary>Adds two words, <paramref name="second"/> on top; false when there is no room for both.</summary>
    public static bool PushPair(nuint first, nuint second)
    {
        nuint* top = s_top;
        if (s_limit - top < 2)
        {
            return false;
        }

        top[0] = first;
        top[1] = second;
        s_top = top + 2;
        return true;
    }

    /// <summary>Takes the newest word; the stack is not empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Pop() => *--s_top;
}
