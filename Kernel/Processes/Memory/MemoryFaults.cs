using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Memory;

/// <summary>Resolves the page faults of the kernel's own copies from and to user memory.</summary>
public sealed class MemoryFaults : UserFaultHandler
{
    private MemoryFaults()
    {
    }

    /// <summary>Copies from and to user memory find pages from now on. At boot, once.</summary>
    [BeforePublication]
    public static void Register() => Instance = new MemoryFaults();

    /// <inheritdoc/>
    [MightSleep]
    public override bool Resolve([UserAddress] ulong address, UserAccessKind access)
    {
        if (TaskStruct.Current.AddressSpace is not AddressSpace space)
        {
            return false;
        }

        // When it must end, the call fails with EFAULT, and before anybody can look at that, the process is dead.
        bool again = true;
        while (again)
        {
            if (space.HandleFault(address, access, out FaultError error))
            {
                return true;
            }

            again = error == FaultError.OutOfMemory && TaskStruct.Current.Signals is UserThread thread && OutOfMemory.TryFree(thread);
        }

        return false;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool TryTakePage([UserAddress] ulong address, bool forWrite, out Page page)
    {
        page = default;
        return TaskStruct.Current.AddressSpace is AddressSpace space
            && (space.TryTakeForTransfer(address, forWrite, out page)
                || (Resolve(address, forWrite ? UserAccessKind.Write : UserAccessKind.Read) && space.TryTakeForTransfer(address, forWrite, out page)));
    }
}
