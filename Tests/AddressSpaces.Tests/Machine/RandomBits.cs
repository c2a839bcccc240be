namespace CosmosKernel.Processes.Memory;

/// <summary>The kernel's random numbers, always the same.</summary>
internal static class RandomBits
{
    public static ulong Next() => 0x1234_5678_9ABC_DEF1;
}
