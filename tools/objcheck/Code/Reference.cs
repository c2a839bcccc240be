namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>How a function reaches something.</summary>
internal enum ReferenceKind
{
    /// <summary>Calls it.</summary>
    Call,

    /// <summary>Jumps to it: a tail call.</summary>
    Jump,

    /// <summary>Runs on into it, because its own code ends without a jump or return.</summary>
    FallThrough,

    /// <summary>Takes its address, or reads or writes it.</summary>
    Address,

    /// <summary>Calls or jumps through a register or memory: the object does not say where to.</summary>
    Indirect,

    /// <summary>Contains bytes that are no instruction.</summary>
    Undecodable,
}

/// <summary>One reference from a function to a function or to a symbol.</summary>
/// <param name="Kind">How it is reached.</param>
/// <param name="Function">The function that is reached, if a given object contains it.</param>
/// <param name="Symbol">The symbol that is reached; empty for <see cref="ReferenceKind.Indirect"/> and <see cref="ReferenceKind.Undecodable"/>.</param>
/// <param name="IsDefined">Whether some given object defines the symbol.</param>
/// <param name="Site">Address of the instruction in its section.</param>
/// <param name="Returns">For calls, whether code follows that runs when the call returns.</param>
/// <param name="Slot">For indirect calls through memory at a register, the displacement: the slot of a virtual call. Else 0.</param>
internal readonly record struct Reference(ReferenceKind Kind, Function? Function, string Symbol, bool IsDefined, ulong Site, bool Returns, int Slot = 0);
