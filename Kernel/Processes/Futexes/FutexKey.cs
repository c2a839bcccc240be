using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Futexes;

/// <summary>
/// What a futex is, independent of the address that a process sees it at: for words in private memory the address space and the address, for words in shared memory the object that is
/// mapped and the offset in it (futex(2), "Private futexes"). A word in private memory that is used without FUTEX_PRIVATE_FLAG is another futex than the same word used with it.
/// </summary>
public readonly struct FutexKey : IEquatable<FutexKey>
{
    // Futex words lie at multiples of 4, so that the lowest bit of the place is free.
    private const ulong SharedMark = 1;
    private const ulong Mixer = 0x9E37_79B9_7F4A_7C15;

    private readonly object? _scope;
    [UserAddress]
    private readonly ulong _place;

    private FutexKey(object scope, [UserAddress] ulong place)
    {
        _scope = scope;
        _place = place;
    }

    /// <summary>A word that only one address space uses.</summary>
    internal static FutexKey OfPrivate(object addressSpace, [UserAddress] ulong address) => new(addressSpace, address);

    /// <summary>A word in private memory that was used as if it were shared.</summary>
    internal static FutexKey OfUnshared(object addressSpace, [UserAddress] ulong address) => new(addressSpace, address | SharedMark);

    /// <summary>A word in an object that several address spaces can map.</summary>
    /// <param name="mapped">The object.</param>
    /// <param name="offset">Offset in the object, in bytes.</param>
    internal static FutexKey OfShared(object mapped, ulong offset) => new(mapped, offset | SharedMark);

    /// <summary>Spread over 32 bits: equal keys have equal ones.</summary>
    internal uint Hash
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)((_place * Mixer) >> 32);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(FutexKey other) => _place == other._place && ReferenceEquals(_scope, other._scope);

    /// <summary>Both are one futex.</summary>
    public static bool operator ==(FutexKey left, FutexKey right) => left.Equals(right);

    /// <summary>They are two.</summary>
    public static bool operator !=(FutexKey left, FutexKey right) => !left.Equals(right);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FutexKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Hash;
}
