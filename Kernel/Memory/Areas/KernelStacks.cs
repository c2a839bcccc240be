using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Kernel stacks: virtual areas with a guard page below. Some released stacks of each usual size (16 to 256 KiB, in powers of two) stay mapped and are handed out again, most recently released
/// first, so that starting and ending threads neither maps pages nor interrupts other CPUs. All members are for task context with no spin lock held.
/// <para>
/// What is handed out is filled with zero, so that the deepest use of a stack can be seen. A stack that is given back is cleaned from its top down to the first page that nothing was
/// written to, since a stack grows without gaps: only a function whose frame is larger than a page leaves pages out, and the kernel image has none that does not fill it.
/// </para>
/// </summary>
public static unsafe class KernelStacks
{
    /// <summary>Most stacks that are kept of one size.</summary>
    public const int Kept = 32;

    // Most bytes that are kept of one size: eight of the largest stacks.
    private const nuint KeptBytes = 2 * 1024 * 1024;

    // Sizes of 4 to 64 pages.
    private const int SmallestOrder = 2;
    private const int Sizes = 5;
    private const int NoSize = -1;

    private static IrqSpinLock s_lock = new(LockClass.KernelStacks);

    // By size.
    [GuardedBy(nameof(s_lock))]
    private static KeptLists s_kept;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_count;

    /// <summary>Forgets what is kept, when virtual areas start anew. Boot CPU, once.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        s_kept = default;
        s_count = 0;
    }

    /// <summary>Stacks that are kept for the next thread. A snapshot.</summary>
    public static int KeptNow => Volatile.Read(ref s_count);

    /// <summary>Takes a stack, filled with zero so that the deepest use of it can be seen later.</summary>
    /// <param name="bytes">Size without the guard; rounded up to pages.</param>
    /// <returns>The lowest usable address; the page below it is unmapped. Null when memory or addresses ran out.</returns>
    public static void* Allocate(nuint bytes)
    {
        bytes = (bytes + Frame.Size - 1) & ~((nuint)Frame.Size - 1);
        void* stack = TakeKept(SizeOf(bytes));
        if (stack != null)
        {
            // The link to the next one that was kept.
            *(nuint*)stack = 0;
            return stack;
        }

        stack = VirtualAreas.Allocate(bytes, VirtualAreaUse.Stack);
        if (stack != null)
        {
            RawMemory.Clear(stack, bytes);
        }

        return stack;
    }

    /// <summary>Gives a stack back that nobody runs on. When enough stacks are kept already, it is unmapped; see <see cref="VirtualAreas.Free"/>.</summary>
    /// <param name="stack">What <see cref="Allocate"/> returned.</param>
    /// <param name="bytes">What it was asked for.</param>
    public static void Free(void* stack, nuint bytes)
    {
        bytes = (bytes + Frame.Size - 1) & ~((nuint)Frame.Size - 1);

        Clean((nuint)stack, bytes);
        if (!TryKeep(stack, bytes))
        {
            VirtualAreas.Free(stack);
        }
    }

    // From the top down to the first page of zeros.
    private static void Clean(nuint stack, nuint bytes)
    {
        nuint page = stack + bytes;
        do
        {
            page -= Frame.Size;
        }
        while (RawMemory.ClearIfUsed((void*)page, Frame.Size) && page != stack);
    }

    private static bool TryKeep(void* stack, nuint bytes)
    {
        int size = SizeOf(bytes);
        if (size == NoSize)
        {
            return false;
        }

        using (s_lock.Enter())
        {
            ref KeptList list = ref s_kept[size];
            if (list.Count >= Kept || (nuint)(list.Count + 1) * bytes > KeptBytes)
            {
                return false;
            }

            *(nuint*)stack = list.First;
            list.First = (nuint)stack;
            list.Count++;
            Volatile.Write(ref s_count, s_count + 1);
            return true;
        }
    }

    /// <summary>Gives all kept stacks, and what is held of released areas, back to the frame allocator. Waits for the other CPUs.</summary>
    public static void Trim()
    {
        for (int size = 0; size < Sizes; size++)
        {
            void* stack;
            while ((stack = TakeKept(size)) != null)
            {
                VirtualAreas.Free(stack);
            }
        }

        VirtualAreas.Flush();
    }

    // Null when there is none.
    private static void* TakeKept(int size)
    {
        if (size == NoSize)
        {
            return null;
        }

        using (s_lock.Enter())
        {
            ref KeptList list = ref s_kept[size];
            nuint stack = list.First;
            if (stack != 0)
            {
                list.First = *(nuint*)stack;
                list.Count--;
                Volatile.Write(ref s_count, s_count - 1);
            }

            return (void*)stack;
        }
    }

    // Which list stacks of so many bytes, whole pages, are kept in.
    private static int SizeOf(nuint bytes)
    {
        int order = BitOperations.Log2(bytes / Frame.Size) - SmallestOrder;
        return BitOperations.IsPow2(bytes) && order is >= 0 and < Sizes ? order : NoSize;
    }

    // Stacks of one size, linked through the first word of each.
    private struct KeptList
    {
        public nuint First;
        public int Count;
    }

    [InlineArray(Sizes)]
    private struct KeptLists
    {
        private KeptList _first;
    }
}
