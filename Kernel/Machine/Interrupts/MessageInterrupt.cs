using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// What a device writes where to interrupt a CPU by itself, without a line (Intel SDM vol. 3A, section 11.11): MSI and MSI-X. Fixed delivery to one CPU, edge-triggered.
/// </summary>
public readonly struct MessageInterrupt
{
    private const ulong ApicArea = 0xFEE0_0000;
    private const int DestinationShift = 12;
    private const uint LargestDestination = 0xFE;

    private MessageInterrupt(ulong address, uint data)
    {
        Address = address;
        Data = data;
    }

    /// <summary>Physical address that the device writes to.</summary>
    public ulong Address { get; }

    /// <summary>What it writes, 16 significant bits.</summary>
    public uint Data { get; }

    /// <summary>Makes the message that raises a vector on a CPU. Any context.</summary>
    /// <param name="vector">A vector of <see cref="DeviceInterrupts.AddMessage"/>.</param>
    /// <param name="cpu">Number of the CPU, below <see cref="Cpu.Count"/>.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when there is no such CPU, or its APIC id is above 254, which only an interrupt remapping unit could reach.</returns>
    public static unsafe bool TryCompose(int vector, int cpu, out MessageInterrupt message)
    {
        message = default;
        CpuBlock* block = Cpu.Get(cpu);
        if (block == null || block->ApicId > LargestDestination)
        {
            return false;
        }

        message = new MessageInterrupt(ApicArea | ((ulong)block->ApicId << DestinationShift), (uint)vector);
        return true;
    }
}
