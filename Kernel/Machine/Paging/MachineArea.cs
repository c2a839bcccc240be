using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;

namespace CosmosKernel.Machine.Paging;

/// <summary>
/// The first gigabyte of the virtual areas belongs to Machine: interrupt and fault stacks of each CPU, each with an unmapped page below it.
/// Filled while CPUs start, by one CPU at a time; never emptied.
/// </summary>
public static unsafe class MachineArea
{
    /// <summary>Start, which is <see cref="PageTables.VirtualAreaBase"/>.</summary>
    public const ulong Base = PageTables.VirtualAreaBase;

    /// <summary>Size in bytes.</summary>
    public const ulong Bytes = 1ul << 30;

    private const int StacksEachCpu = 1 + DescriptorTables.FaultStacks;
    private const ulong Slot = DescriptorTables.StackBytes * 2;

    /// <summary>Maps the stacks of CPU <paramref name="cpu"/>. The frames come from wherever page tables come from.</summary>
    /// <param name="cpu">CPU number.</param>
    /// <param name="allocateFrame">Gives the physical address of a cleared frame; 0 when there is none.</param>
    /// <returns>False when memory ran out.</returns>
    internal static bool MapStacks(int cpu, delegate*<ulong> allocateFrame)
    {
        for (int stack = 0; stack < StacksEachCpu; stack++)
        {
            ulong low = Stack(cpu, stack);
            for (ulong offset = 0; offset < DescriptorTables.StackBytes; offset += 4096)
            {
                ulong frame = allocateFrame();
                if (frame == 0 || !PageTables.Map(low + offset, frame, PageRights.Read | PageRights.Write | PageRights.Global))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Lowest address of a stack: 0 is the interrupt stack, the others those of the interrupt stack table.</summary>
    internal static nuint Stack(int cpu, int stack) =>
        (nuint)(Base + (((ulong)((cpu * StacksEachCpu) + stack)) * Slot) + DescriptorTables.StackBytes);

    /// <summary>Which CPU's stack an address is the guard of; false when of none.</summary>
    internal static bool IsGuard(ulong address, out int cpu)
    {
        cpu = 0;
        if (address < Base || address >= Base + Bytes)
        {
            return false;
        }

        ulong slot = (address - Base) / Slot;
        cpu = (int)(slot / StacksEachCpu);
        return (address - Base) % Slot < DescriptorTables.StackBytes;
    }
}
