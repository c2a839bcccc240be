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

    /// <summary>Stacks that are kept for the next thread. A snapshot.</summary>
    public static int KeptNow => s_count;

    /// <summary>Takes a stack; contents undefined.</summary>
    /// <param name="bytes">Size without the guard; rounded up to pages.</param>
    /// <returns>The lowest usable address; the page below it is unmapped. Null when memory or addresses ran out.</returns>
    public static void* Allocate(nuint bytes)
    {
        bytes = (bytes + Frame.Size - 1) & ~((nuint)Frame.Size - 1);
        using (s_lock.Enter())
        {
            if (s_count != 0 && s_bytes == bytes)
            {
                nuint stack = s_first;
                s_first = *(nuint*)stack;
                s_count--;
                return (void*)stack;
            }
        }

        return VirtualAreas.Allocate(bytes, VirtualAreaUse.Stack);
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
        while (true)
        {
            nuint stack;
            using (s_lock.Enter())
            {
                if (s_count == 0)
                {
                    return;
                }

                stack = s_first;
                s_first = *(nuint*)stack;
                s_count--;
            }

            VirtualAreas.Free((void*)stack);
        }
    }
}
