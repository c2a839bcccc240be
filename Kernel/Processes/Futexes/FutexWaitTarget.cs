using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Futexes;

/// <summary>One of the words that futex_waitv(2) waits for.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Key">Its futex.</param>
/// <param name="Expected">What it must hold.</param>
public readonly record struct FutexWaitTarget([property: UserAddress][param: UserAddress] ulong Address, FutexKey Key, uint Expected);
