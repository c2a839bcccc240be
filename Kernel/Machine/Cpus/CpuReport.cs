namespace CosmosKernel.Machine.Cpus;

/// <summary>What a report says of one CPU's block, for callers that hold no pointers. Numbers that count are outdated at once. Any context.</summary>
public readonly unsafe struct CpuReport
{
    private CpuReport(CpuBlock* block)
    {
        ApicId = block->ApicId;
        Interrupts = block->InterruptCount;
    }

    /// <summary>The local APIC's number.</summary>
    public uint ApicId { get; }

    /// <summary>Hard interrupts that the CPU took since boot.</summary>
    public ulong Interrupts { get; }

    /// <summary>Reads the block of CPU <paramref name="index"/>.</summary>
    /// <param name="index">CPU number.</param>
    /// <param name="report">What was read.</param>
    /// <returns>False when there is no such CPU.</returns>
    public static bool TryGet(int index, out CpuReport report)
    {
        CpuBlock* block = Cpu.Get(index);
        report = block == null ? default : new CpuReport(block);
        return block != null;
    }
}
