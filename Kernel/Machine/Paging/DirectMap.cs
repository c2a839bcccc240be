namespace CosmosKernel.Machine.Paging;

/// <summary>All physical memory, mapped at <see cref="Base"/>: writable, never executable. Conversions may be called from any context.</summary>
public static unsafe class DirectMap
{
    /// <summary>Where physical address 0 is mapped.</summary>
    public const ulong Base = 0xFFFF_8000_0000_0000;

    /// <summary>First address after the largest physical memory that the direct map can hold, 64 TiB.</summary>
    public const ulong Limit = Base + (1ul << 46);

    /// <summary>The kernel's address of physical memory.</summary>
    public static void* ToVirtual(ulong physical) => (void*)(Base + physical);

    /// <summary>The physical address behind an address of the direct map.</summary>
    public static ulong ToPhysical(void* address) => (ulong)address - Base;

    /// <summary>Whether an address lies in the direct map's range.</summary>
    public static bool Contains(ulong address) => address is >= Base and < Limit;
}
