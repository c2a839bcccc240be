using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Tests.AddressSpaces;

/// <summary>Tests of address spaces on the machine: page tables, faults of copies, other CPUs. Tests/AddressSpaces.Tests proves the rules on the host.</summary>
[Module("user-memory-tests", Description = "In-kernel tests of address spaces")]
public sealed class UserMemoryTestModule : KernelModule
{
    /// <summary>An image without an initramfs starts nothing of user space: the copies' faults are resolved for the tests all the same.</summary>
    [BeforePublication]
    public override void Start(ModuleContext context)
    {
        if (UserFaultHandler.Instance is null)
        {
            MemoryFaults.Register();
        }
    }
}
