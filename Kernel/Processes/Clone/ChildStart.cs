using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes;

/// <summary>The first code of a child, in its own task and address space: what it stores in its memory, and then user mode.</summary>
internal sealed class ChildStart(UserThread thread, CloneRequest request)
{
    /// <summary>The body of the child's task.</summary>
    [MightSleep]
    public int Run()
    {
        if (CloneRules.Has(request.Flags, CloneFlags.CLONE_CHILD_SETTID))
        {
            // A bad address is the program's own affair (clone(2) has no EFAULT).
            _ = UserMemory.TryWrite(request.ChildTid, (uint)thread.Id);
        }

        UserLoop.Run(thread);
        return 0;
    }
}
