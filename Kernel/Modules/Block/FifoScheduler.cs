using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>The scheduler <c>none</c>: order of arrival. Merging has been done in the software queues.</summary>
[Owned]
[NoAllocation]
internal sealed class FifoScheduler : IoScheduler
{
    private readonly BioList _list = new();

    /// <inheritdoc/>
    public override string Name => NoneName;

    /// <inheritdoc/>
    public override void Insert(Bio bio, ulong now) => _list.Add(bio);

    /// <inheritdoc/>
    public override Bio? Next(ulong now, out int merged)
    {
        merged = 0;
        return _list.TakeFirst();
    }
}
