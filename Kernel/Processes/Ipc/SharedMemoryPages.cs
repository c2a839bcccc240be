using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Ipc;

/// <summary>The pages of a segment of shared memory. They live as long as the segment; each mapping is an attachment of it.</summary>
internal sealed class SharedMemoryPages : SharedAnonymousMemory
{
    private SharedMemoryPages(SharedMemorySegment segment, ulong bytes, ulong committed)
        : base(bytes, committed)
    {
        Segment = segment;
    }

    /// <summary>Whose they are.</summary>
    public SharedMemorySegment Segment { get; }

    /// <inheritdoc/>
    public override string Name => Segment.MapName;

    /// <inheritdoc/>
    public override ulong Number => (ulong)Segment.Id;

    /// <summary>Makes the pages of a segment. Task context.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="bytes">Its size; a multiple of 4096.</param>
    /// <param name="commit">It counts as committed memory.</param>
    /// <param name="ownPages">Pages that the caller's address space has.</param>
    /// <param name="pages">The pages.</param>
    /// <returns>ENOMEM: so much is not promised.</returns>
    public static Errno TryCreate(SharedMemorySegment segment, ulong bytes, bool commit, ulong ownPages, out SharedMemoryPages? pages)
    {
        Errno error = TryCommit(bytes, commit, MemoryLimits.Current, ownPages, out ulong committed);
        pages = null;
        if (error == Errno.Ok)
        {
            try
            {
                pages = new SharedMemoryPages(segment, bytes, committed);
            }
            finally
            {
                CommittedMemory.Uncharge(pages is null ? committed : 0);
            }
        }

        return error;
    }

    /// <summary>The segment is gone: gives the memory back. Once; nobody maps it.</summary>
    [MightSleep]
    public void Destroy() => Free();

    /// <inheritdoc/>
    [MightSleep]
    protected override void Hold() => Segment.Attached();

    /// <inheritdoc/>
    [MightSleep]
    protected override void Drop() => SharedMemory.Detached(Segment);
}
