namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// A range of stack addresses that may be read. An unwinder that follows a damaged stack must never fault, so it asks
/// here before each read.
/// </summary>
public readonly struct StackBounds
{
    /// <summary>Creates the range from <paramref name="low"/> up to, and without, <paramref name="high"/>.</summary>
    public StackBounds(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    /// <summary>Lowest readable address.</summary>
    public ulong Low { get; }

    /// <summary>First address above the stack.</summary>
    public ulong High { get; }

    /// <summary>Whether the 8 bytes at <paramref name="address"/> lie in the range and are aligned as stack slots are.</summary>
    public bool ContainsSlot(ulong address) => (address & 7) == 0 && address >= Low && address < High && High - address >= 8;
}
