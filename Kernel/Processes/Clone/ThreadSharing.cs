using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Processes;

/// <summary>Ends what a thread shares with others (unshare(2)).</summary>
public static class ThreadSharing
{
    /// <summary>Gives the running thread its own copy of what the flags say. Task context.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="flags"><see cref="CloneFlags"/>.</param>
    /// <param name="known">Flags that the call knows.</param>
    /// <returns>EINVAL: unknown flags; a namespace; memory or handlers, which threads of one process must share. EPERM: a namespace, without the right to it.</returns>
    [MightSleep]
    public static Errno Unshare(UserThread thread, ulong flags, ulong known)
    {
        const ulong WithProcess = CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM;
        const ulong Namespaces = CloneRules.Namespaces | CloneFlags.CLONE_NEWTIME;
        Process process = thread.Process;
        if ((flags & ~known) != 0
            || ((flags & WithProcess) != 0 && process.ThreadCount > 1)
            || ((flags & (CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM)) != 0 && process.Handlers.IsShared)
            || ((flags & CloneFlags.CLONE_VM) != 0 && thread.Memory is { Users: > 1 }))
        {
            return Errno.EINVAL;
        }

        if ((flags & Namespaces) != 0)
        {
            return (flags & CloneFlags.CLONE_NEWUSER) == 0 && !thread.Credentials.Has(Capability.SysAdmin) ? Errno.EPERM : Errno.EINVAL;
        }

        if ((flags & CloneFlags.CLONE_SYSVSEM) != 0)
        {
            Semaphores.Leave(thread);
        }

        if ((flags & CloneFlags.CLONE_FS) != 0 && thread.FileSystem is { IsShared: true } context)
        {
            FileSystemContext copy = context.Copy();
            thread.FileSystem = copy;
            context.Release();
        }

        if ((flags & CloneFlags.CLONE_FILES) != 0 && thread.Files is { IsShared: true } files)
        {
            FileTable copy = files.Clone();
            thread.Task.Files = copy;
            files.Release(thread.Task);
        }

        return Errno.Ok;
    }
}
