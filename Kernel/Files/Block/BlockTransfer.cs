using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Block;

/// <summary>A transfer of the block layer's own: for pages of a cache, or for a task that waits for it. From <see cref="BlockTransfers"/>.</summary>
[Protocol("Belongs to who took it from BlockTransfers until it is submitted, then to the completion, which reports to the cache or to the waiting task.")]
internal sealed class BlockTransfer : Bio
{
    /// <summary>Pages of one transfer: 256 KiB.</summary>
    public const int Pages = 64;

    private readonly Completion _done = new("disk");
    private readonly BlockTransfers _owner;
    private BlockCache? _cache;
    private Errno _error;

    public BlockTransfer(BlockTransfers owner)
        : base(Pages)
    {
        _owner = owner;
    }

    /// <summary>The next free one.</summary>
    public BlockTransfer? NextFree { get; set; }

    /// <summary>Number of its first page in the cache.</summary>
    public ulong FirstPage { get; private set; }

    /// <summary>Is for pages of a cache, which is told of the end.</summary>
    [NoAllocation]
    public void Prepare(BlockCache cache, ulong firstPage, BlockOperation operation)
    {
        Reset(operation, cache.SectorOf(firstPage));
        Statistics = cache.Device.PartitionStatistics;
        FirstPage = firstPage;
        _cache = cache;
    }

    /// <summary>Is for the task itself, which calls <see cref="Wait"/> after submission.</summary>
    [NoAllocation]
    public void Prepare(BlockDevice device, BlockOperation operation, ulong sector, uint sectors = 0)
    {
        Reset(operation, device.Start + sector, sectors);
        Statistics = device.PartitionStatistics;
        _cache = null;
    }

    /// <summary>Waits until it is done. Task context.</summary>
    [MightSleep]
    public Errno Wait()
    {
        _done.Wait();
        return _error;
    }

    /// <summary>Gives it back. Task context or deferred call.</summary>
    [NoAllocation]
    public void Release() => _owner.Give(this);

    /// <inheritdoc/>
    [NoAllocation]
    protected override void OnCompleted(Errno error)
    {
        if (_cache is { } cache)
        {
            cache.TransferDone(this, error);
            Release();
        }
        else
        {
            _error = error;
            _done.Complete();
        }
    }
}
