namespace CosmosKernel.Files.Users;

/// <summary>A set of capabilities: bit n is the <see cref="Capability"/> n.</summary>
/// <param name="Bits">The bits; those that no capability has are kept as they are.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>The highest capability, as /proc/sys/kernel/cap_last_cap shows.</summary>
    public const int Last = (int)Capability.CheckpointRestore;

    /// <summary>All capabilities that there are.</summary>
    public static CapabilitySet All => new((1UL << (Last + 1)) - 1);

    /// <summary>No capability.</summary>
    public static CapabilitySet Empty => default;

    /// <summary>True if the set has the capability.</summary>
    public bool Has(Capability capability) => (Bits >> (int)capability & 1) != 0;

    /// <summary>Those that both sets have.</summary>
    public CapabilitySet And(CapabilitySet other) => new(Bits & other.Bits);

    /// <summary>Those that one of the sets has.</summary>
    public CapabilitySet Or(CapabilitySet other) => new(Bits | other.Bits);

    /// <summary>Those of this set that the other one has not.</summary>
    public CapabilitySet Without(CapabilitySet other) => new(Bits & ~other.Bits);

    /// <summary>All of these are in the other set.</summary>
    public bool IsSubsetOf(CapabilitySet other) => (Bits & ~other.Bits) == 0;
}
