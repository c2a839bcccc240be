using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Machine.Cpus;

namespace Cosmos.System;

/// <summary>Which virtual machine this is, as the processor says (CPUID leaf 40000000H). Any task.</summary>
public static class VMTools
{
    private const uint HypervisorLeaf = 0x4000_0000;
    private const uint HypervisorPresent = 1u << 31;

    /// <summary>Whether it is VirtualBox.</summary>
    public static bool IsVirtualBox => Name() == "VBoxVBoxVBox";

    /// <summary>Whether it is VMware.</summary>
    public static bool IsVMWare => Name() == "VMwareVMware";

    /// <summary>Whether it is QEMU, alone or with KVM.</summary>
    public static bool IsQEMU => Name() is "TCGTCGTCGTCG" or "KVMKVMKVM";

    // Empty on a machine that is real, or says so.
    private static string Name()
    {
        if ((CpuId.Read(1).Ecx & HypervisorPresent) == 0)
        {
            return "";
        }

        CpuIdResult leaf = CpuId.Read(HypervisorLeaf);
        Span<byte> name = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(name, leaf.Ebx);
        BinaryPrimitives.WriteUInt32LittleEndian(name[4..], leaf.Ecx);
        BinaryPrimitives.WriteUInt32LittleEndian(name[8..], leaf.Edx);
        return Encoding.ASCII.GetString(name).TrimEnd('\0');
    }
}
