using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Kernel stacks: virtual areas with a guard page below. Some released stacks stay mapped and are handed out again, most recently released first, so that
/// starting and ending threads neither maps pages nor interrupts other CPUs. Allocation and <see cref="Trim"/> are for task context with no spin lock held.
/// </summary>
public static unsafe class KernelStacks
{
    /// <summary>Most stacks that are kept.</summary>
    public const int Kept = 32;

    private static IrqSpinLock s_lock;

    // Linked through the first word of each stack; all of one size.
    [GuardedBy(nameof(s_lock))]
    private static nuint s_first;

    [GuardedBy(nameof(s_lock))]
    private static nuint s_bytes;

    [GuardedBy(nameof(s_lock))]
    private static int s_count;

    /// <summary>Forgets what is kept, when virtual areas start anew. Boot CPU, once.</summary>
    internal static void Initialize()
    {
        s_first = 0;
        s_bytes = 0;
        s_count = 0;
    }

    /// <summary>Stacks that are kept for the next thread. A snapshot.</summary>
    public static int KeptNow => s_count;

    /// <summary>Takes a stack, filled with zero so that the deepest use of it can be seen later.</summary>
    /// <param name="bytes">Size without the guard; rounded up to pages.</param>
    /// <returns>The lowest usable address; the page below it is unmapped. Null when memory or addresses ran out.</returns>
    public static void* Allocate(nuint bytes)
    {
        bytes = (bytes + Frame.Size - 1) & ~((nuint)Frame.Size - 1);
        void* stack = TakeKept(bytes);
        if (stack == null)
        {
            stack = VirtualAreas.Allocate(bytes, VirtualAreaUse.Stack);
        }

        if (stack != null)
        {
            RawMemory.Clear(stack, bytes);
        }

        return stack;
    }

    /// <summary>Gives a stack back that nobody runs on. Waits for other CPUs when enough stacks are kept already.</summary>
    /// <param name="stack">What <see cref="Allocate"/> returned.</param>
    /// <param name="bytes">What it was asked for.</param>
    public static void Free(void* stack, nuint bytes)
    {
        bytes = (bytes + Frame.Size - 1) & ~((nuint)Frame.Size - 1);
        using (s_lock.Enter())
        {
            if (s_count == 0)
            {
                s_bytes = bytes;
                s_first = 0;
            }

            if (s_count < Kept && s_bytes == bytes)
            {
                *(nuint*)stack = s_first;
                s_first = (nuint)stack;
                s_count++;
                return;
            }
        }

        VirtualAreas.Free(stack);
    }

    /// <summary>Gives all kept stacks back to the frame allocator.</summary>
    public static void Trim()
    {
        void* stack = TakeKept(0);
        while (stack != null)
        {
            VirtualAreas.Free(stack);
            stack = TakeKept(0);
        }
    }

    // A kept stack of this size, or of any size for 0; null when there is none.
    private static void* TakeKept(nuint bytes)
    {
        using (s_lock.Enter())
        {
            if (s_count == 0 || (bytes != 0 && bytes != s_bytes))
            {
                return null;
            }

            nuint stack = s_first;
            s_first = *(nuint*)stack;
            s_count--;
            return (void*)stack;
        }
    }
}
