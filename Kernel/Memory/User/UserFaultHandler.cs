using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.User;

/// <summary>What an access to user memory does.</summary>
public enum UserAccessKind
{
    /// <summary>Reads data.</summary>
    Read,

    /// <summary>Writes.</summary>
    Write,

    /// <summary>Fetches an instruction.</summary>
    Execute,
}

/// <summary>
/// What the routines that copy from and to user memory ask when they meet a page that is not there or not writable: the layer that knows address spaces puts an instance into <see cref="Instance"/>.
/// </summary>
public abstract class UserFaultHandler
{
    /// <summary>Who is asked; null before there are processes: then each such fault ends the copy. Written once, at boot.</summary>
    [Immutable]
    public static UserFaultHandler? Instance { get; [BeforePublication] set; }

    /// <summary>Makes the page of the current task's address space accessible. Task context, preemption and interrupts on; may sleep.</summary>
    /// <param name="address">The address that could not be accessed, below <see cref="UserMemory.Limit"/>.</param>
    /// <param name="access">What was tried: never <see cref="UserAccessKind.Execute"/>.</param>
    /// <returns>True: try again. False: the address is bad.</returns>
    [MightSleep]
    public abstract bool Resolve([UserAddress] ulong address, UserAccessKind access);

    /// <summary>The page of the current task's address space that a device reads or writes itself (<see cref="UserPageTable.TryTakeForTransfer"/>), pinned if it writes it. Task context; may sleep.</summary>
    /// <returns>False: it must be copied; or the address is bad, which the copy finds.</returns>
    [MightSleep]
    public abstract bool TryTakePage([UserAddress] ulong address, bool forWrite, out Page page);
}
