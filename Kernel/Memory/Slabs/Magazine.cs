using System.Runtime.InteropServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Slabs;

/// <summary>
/// A CPU's stock of free objects of one cache (Bonwick and Adams, USENIX 2001): most allocations and releases only move a pointer here.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct Magazine
{
    /// <summary>Bytes of a magazine.</summary>
    public const int Bytes = 256;

    /// <summary>Most objects in it.</summary>
    public const int Capacity = 30;

    /// <summary>Guards the rest.</summary>
    public IrqSpinLock Lock;

    /// <summary>Objects in it.</summary>
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    public int Count;

    /// <summary>The objects, most recently released last.</summary>
    [GuardedBy(nameof(Lock))]
    public fixed ulong Objects[Capacity];
}
