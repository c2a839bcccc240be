using System.Runtime;
using CosmosKernel.Machine;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Image;

/// <summary>The order in which the kernel comes up; docs/architecture.md explains each step.</summary>
internal static class KernelMain
{
    [RuntimeExport("KernelMain")]
    private static void Start(uint loaderMagic, ulong information)
    {
        MachineStart.Initialize(loaderMagic, information);
        EarlyConsole.WriteLine("CosmosKernel: machine ready"u8);
        Panic.Now("end of boot so far"u8);
    }
}
