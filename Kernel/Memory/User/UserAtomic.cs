namespace CosmosKernel.Memory.User;

/// <summary>What <see cref="UserMemory.TryAtomic"/> does to a word; the members' values are those of futex(2)'s FUTEX_OP_*.</summary>
public enum UserAtomic
{
    /// <summary>The operand takes its place.</summary>
    Set = 0,

    /// <summary>The operand is added.</summary>
    Add = 1,

    /// <summary>Bits of the operand are set.</summary>
    Or = 2,

    /// <summary>Bits of the operand are cleared.</summary>
    AndNot = 3,

    /// <summary>Bits of the operand are inverted.</summary>
    Xor = 4,
}
