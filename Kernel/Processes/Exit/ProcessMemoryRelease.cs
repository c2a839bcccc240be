using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes;

/// <summary>Gives the memory of a process back that ends, before its threads have come to it (process_mrelease(2)).</summary>
public static class ProcessMemoryRelease
{
    /// <summary>Takes the private pages. Task context.</summary>
    /// <returns>ESRCH: it has no memory any more. EINVAL: it does not end, or another process uses the same memory.</returns>
    [MightSleep]
    public static Errno Release(Process process)
    {
        if (process.Thread(null)?.Memory is not { } memory || !memory.TryAddUser())
        {
            return Errno.ESRCH;
        }

        try
        {
            // One user is this call. More than the threads of the process are others', who go on with it.
            if (!process.IsEnding || memory.Users > process.ThreadCount + 1)
            {
                return Errno.EINVAL;
            }

            for (ulong at = 0; memory.TryDescribe(at, out AreaDescription area); at = area.End)
            {
                area.File?.Release();
                if ((area.Flags & (AreaFlags.Shared | AreaFlags.Special | AreaFlags.Locked)) == 0)
                {
                    _ = memory.Advise(area.Start, area.End - area.Start, MemoryAdvice.DontNeed);
                }
            }

            return Errno.Ok;
        }
        finally
        {
            memory.ReleaseUser();
        }
    }
}
