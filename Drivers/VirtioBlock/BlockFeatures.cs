namespace CosmosKernel.Drivers.VirtioBlock;

/// <summary>Numbers of the feature bits and offsets in the configuration (Virtual I/O Device 1.2, sections 5.2.3 and 5.2.4).</summary>
internal static class BlockFeatures
{
    public const int SizeMaximum = 1;
    public const int SegmentMaximum = 2;
    public const int ReadOnly = 5;
    public const int BlockSize = 6;
    public const int Flush = 9;
    public const int Topology = 10;
    public const int ConfigurableCache = 11;
    public const int MultipleQueues = 12;
    public const int Discard = 13;
    public const int WriteZeroes = 14;

    public const ulong All = (1ul << SizeMaximum) | (1ul << SegmentMaximum) | (1ul << ReadOnly) | (1ul << BlockSize) | (1ul << Flush) | (1ul << Topology)
        | (1ul << ConfigurableCache) | (1ul << MultipleQueues) | (1ul << Discard) | (1ul << WriteZeroes);

    public const int CapacityOffset = 0;
    public const int SizeMaximumOffset = 8;
    public const int SegmentMaximumOffset = 12;
    public const int BlockSizeOffset = 20;
    public const int PhysicalExponentOffset = 24;
    public const int OptimalSizeOffset = 28;
    public const int WritebackOffset = 32;
    public const int QueuesOffset = 34;
    public const int DiscardSectorsOffset = 36;
    public const int WriteZeroesSectorsOffset = 48;

    public const uint ReadRequest = 0;
    public const uint WriteRequest = 1;
    public const uint FlushRequest = 4;
    public const uint IdentifyRequest = 8;
    public const uint DiscardRequest = 11;
    public const uint WriteZeroesRequest = 13;

    public const byte StatusOk = 0;
    public const byte StatusUnsupported = 2;
}
