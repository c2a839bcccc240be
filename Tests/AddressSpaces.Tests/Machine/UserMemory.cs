namespace CosmosKernel.Memory.User;

/// <summary>Where user memory ends.</summary>
public static class UserMemory
{
    public const ulong Limit = 0x0000_7FFF_FFFF_F000;
}
