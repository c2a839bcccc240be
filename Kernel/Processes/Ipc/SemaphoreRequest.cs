using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>What semget(2) asks for.</summary>
internal readonly struct SemaphoreRequest(Credentials credentials, int key, int count, int flags) : IIpcRequest<SemaphoreSet>
{
    /// <inheritdoc/>
    public int Key => key;

    /// <inheritdoc/>
    public int Flags => flags;

    /// <inheritdoc/>
    public Credentials Credentials => credentials;

    /// <inheritdoc/>
    public int MostObjects => IpcLimits.Sets;

    /// <inheritdoc/>
    [MightSleep]
    public Errno TryMake(out SemaphoreSet? made)
    {
        made = null;
        if (count == 0)
        {
            return Errno.EINVAL;
        }

        if (!Semaphores.TryCharge(count))
        {
            return Errno.ENOSPC;
        }

        try
        {
            made = new SemaphoreSet(key, flags, credentials, count);
            return Errno.Ok;
        }
        finally
        {
            if (made is null)
            {
                Semaphores.Uncharge(count);
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public void Discard(SemaphoreSet made) => Semaphores.Uncharge(made.Count);

    /// <inheritdoc/>
    public Errno Check(SemaphoreSet found) => count > found.Count ? Errno.EINVAL : Errno.Ok;
}
