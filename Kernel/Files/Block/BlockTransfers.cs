using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Block;

/// <summary>
/// The transfers that exist, made at boot: so writing back needs no memory, and reading ahead has a bound. Who finds none waits for one; a task that holds one submits it without waiting for another, except
/// for those of a direct transfer, of which each task takes one at a time.
/// </summary>
internal sealed class BlockTransfers
{
    /// <summary>How many there are: up to 32 MiB are on their way.</summary>
    public const int Count = 128;

    private readonly WaitQueue _waiters = new("disk transfer");
    private SpinLock _lock = new(LockClass.BlockTransfers);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private BlockTransfer? _free;

    private BlockTransfers()
    {
        for (int i = 0; i < Count; i++)
        {
            _free = new BlockTransfer(this) { NextFree = _free };
        }
    }

    /// <summary>Those that all block devices use.</summary>
    public static BlockTransfers All { get; } = new();

    /// <summary>Takes one, and waits for it if need be. Task context.</summary>
    [MightSleep]
    public BlockTransfer Take()
    {
        if (TryTake() is { } transfer)
        {
            return transfer;
        }

        using WaitQueue.Wait wait = _waiters.Begin(mode: WaitMode.Uninterruptible, exclusive: true);
        while (true)
        {
            wait.Prepare();
            if (TryTake() is { } found)
            {
                return found;
            }

            wait.Sleep();
        }
    }

    /// <summary>Takes one if there is one. Task context or deferred call.</summary>
    [NoAllocation]
    public BlockTransfer? TryTake()
    {
        using (_lock.Enter())
        {
            BlockTransfer? transfer = _free;
            _free = transfer?.NextFree;
            return transfer;
        }
    }

    /// <summary>Gives one back. Task context or deferred call.</summary>
    [NoAllocation]
    public void Give(BlockTransfer transfer)
    {
        using (_lock.Enter())
        {
            transfer.NextFree = _free;
            _free = transfer;
        }

        _waiters.WakeOne();
    }
}
