namespace CosmosKernel.Drivers.Ps2;

/// <summary>What a device says of a byte that it was sent.</summary>
internal enum Acknowledgement : byte
{
    /// <summary>Nothing was sent.</summary>
    None,

    /// <summary>Nothing yet.</summary>
    Awaited,

    /// <summary>FA: it has it.</summary>
    Given,

    /// <summary>FE: it did not understand, and wants it again.</summary>
    Again,

    /// <summary>FC: it cannot do that.</summary>
    Refused,
}
