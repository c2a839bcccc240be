namespace CosmosKernel.Machine.Locking;

/// <summary>How a lock is taken.</summary>
public enum LockAccess : byte
{
    /// <summary>By one holder.</summary>
    Exclusive,

    /// <summary>By one of several readers.</summary>
    Shared,
}
