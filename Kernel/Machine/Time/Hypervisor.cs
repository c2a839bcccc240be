using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Time;

/// <summary>What CPUID says of a hypervisor under the kernel (leaf 1, ECX bit 31; leaves from 0x40000000 on). May be called in any context.</summary>
internal static class Hypervisor
{
    /// <summary>Whether the CPU says that it is virtual.</summary>
    internal static bool IsPresent => (CpuId.Read(1).Ecx & (1u << 31)) != 0;

    /// <summary>The highest hypervisor leaf; 0 without a hypervisor.</summary>
    internal static uint MaximumLeaf => IsPresent ? CpuId.Read(0x4000_0000).Eax : 0;
}
