namespace CosmosKernel.Processes.Ipc;

/// <summary>What ids of System V objects are made of.</summary>
internal static class IpcTables
{
    /// <summary>Low bits of an id: the index in the table.</summary>
    public const int IndexBits = 15;

    /// <summary>Most objects of a kind, whatever the limits say.</summary>
    public const int Capacity = 1 << IndexBits;

    /// <summary>Sequence numbers, which then begin anew.</summary>
    public const int Sequences = 1 << (31 - IndexBits);
}
