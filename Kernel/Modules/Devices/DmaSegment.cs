namespace CosmosKernel.Modules.Devices;

/// <summary>A physically contiguous piece of memory that a device reads or writes. Several of them are a scatter list.</summary>
/// <param name="Address">Physical address of the first byte.</param>
/// <param name="Length">Bytes, 1 or more.</param>
public readonly record struct DmaSegment(ulong Address, int Length)
{
    /// <summary>Whether another piece begins where this one ends.</summary>
    public bool IsFollowedBy(DmaSegment next) => Address + (ulong)Length == next.Address;
}
