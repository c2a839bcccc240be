using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Devices;

/// <summary>How the CPU treats reads and writes of device memory.</summary>
public enum DeviceCaching
{
    /// <summary>Every access reaches the device, in program order: registers.</summary>
    Uncached,

    /// <summary>Writes are gathered and may arrive late and out of order, reads are slow: framebuffers.</summary>
    WriteCombining,
}

/// <summary>
/// A range of device memory that safe code may use: each access is checked against the range. Single values are read and written once, with the size that the method's name
/// says, and in program order (on x86 for uncached memory); blocks are copied in any order and size. Any context but NMI; an access outside the range throws, which is a
/// panic in interrupt context. The owner makes sure that nobody uses the region while it is disposed.
/// </summary>
public sealed unsafe class MmioRegion : IDisposable
{
    private const string AttachedOnce = "Written once, by Attach, before the store to _start that makes it known; read after a load of _start that is not null.";

    // The first byte's address; 0 before the region has memory and from the moment it is disposed.
    [Atomic]
    private nint _start;

    [Protocol(AttachedOnce)]
    private nuint _length;

    [Protocol(AttachedOnce)]
    private delegate*<void*, void> _unmap;

    [Protocol(AttachedOnce)]
    private ulong _physical;

    [Protocol(AttachedOnce)]
    private DeviceCaching _caching;

    /// <summary>Size in bytes; 0 before it is mapped and after it is disposed.</summary>
    public long Length => Volatile.Read(ref _start) == 0 ? 0 : (long)_length;

    /// <summary>Physical address of the first byte; 0 before it is mapped and after it is disposed.</summary>
    public ulong PhysicalAddress => Volatile.Read(ref _start) == 0 ? 0 : _physical;

    /// <summary>How the CPU treats accesses. Means something while <see cref="Length"/> is not 0.</summary>
    public DeviceCaching Caching => _caching;

    /// <summary>Gives an empty region its memory. Once.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="bytes">Size.</param>
    /// <param name="unmap">Takes the mapping away; gets <paramref name="start"/>. May be null.</param>
    /// <param name="physical">Physical address of the first byte.</param>
    /// <param name="caching">How it is mapped.</param>
    public void Attach(void* start, nuint bytes, delegate*<void*, void> unmap, ulong physical, DeviceCaching caching)
    {
        _length = bytes;
        _unmap = unmap;
        _physical = physical;
        _caching = caching;
        Volatile.Write(ref _start, (nint)start);
    }

    // Reads are not inlined: where a caller uses a part of the value only, the compiler would load only that part, and many devices answer only to the width that they document.

    /// <summary>Reads a byte at an offset.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside the region.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte Read8(long offset) => Volatile.Read(ref *At(offset, 1));

    /// <summary>Reads 16 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ushort Read16(long offset) => Volatile.Read(ref *(ushort*)At(offset, 2));

    /// <summary>Reads 32 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint Read32(long offset) => Volatile.Read(ref *(uint*)At(offset, 4));

    /// <summary>Reads 64 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ulong Read64(long offset) => Volatile.Read(ref *(ulong*)At(offset, 8));

    /// <summary>Writes a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside the region.</exception>
    public void Write8(long offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    /// <summary>Writes 16 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    public void Write16(long offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, 2), value);

    /// <summary>Writes 32 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    public void Write32(long offset, uint value) => Volatile.Write(ref *(uint*)At(offset, 4), value);

    /// <summary>Writes 64 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside the region.</exception>
    public void Write64(long offset, ulong value) => Volatile.Write(ref *(ulong*)At(offset, 8), value);

    /// <summary>Copies bytes into the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Write(long offset, ReadOnlySpan<byte> values) => values.CopyTo(new Span<byte>(At(offset, values.Length), values.Length));

    /// <summary>Copies 16-bit values into the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Write(long offset, ReadOnlySpan<ushort> values) => values.CopyTo(new Span<ushort>(At(offset, 2L * values.Length), values.Length));

    /// <summary>Copies 32-bit values into the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Write(long offset, ReadOnlySpan<uint> values) => values.CopyTo(new Span<uint>(At(offset, 4L * values.Length), values.Length));

    /// <summary>Copies 32-bit values into the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Write(long offset, ReadOnlySpan<int> values) => values.CopyTo(new Span<int>(At(offset, 4L * values.Length), values.Length));

    /// <summary>Copies bytes out of the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The region has not as many there.</exception>
    public void Read(long offset, Span<byte> values) => new ReadOnlySpan<byte>(At(offset, values.Length), values.Length).CopyTo(values);

    /// <summary>Copies 16-bit values out of the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The region has not as many there.</exception>
    public void Read(long offset, Span<ushort> values) => new ReadOnlySpan<ushort>(At(offset, 2L * values.Length), values.Length).CopyTo(values);

    /// <summary>Copies 32-bit values out of the region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The region has not as many there.</exception>
    public void Read(long offset, Span<uint> values) => new ReadOnlySpan<uint>(At(offset, 4L * values.Length), values.Length).CopyTo(values);

    /// <summary>Writes the same byte <paramref name="count"/> times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Fill(long offset, int count, byte value) => new Span<byte>(At(offset, count), count).Fill(value);

    /// <summary>Writes the same 16 bits <paramref name="count"/> times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Fill(long offset, int count, ushort value) => new Span<ushort>(At(offset, 2L * count), count).Fill(value);

    /// <summary>Writes the same 32 bits <paramref name="count"/> times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit inside the region.</exception>
    public void Fill(long offset, int count, uint value) => new Span<uint>(At(offset, 4L * count), count).Fill(value);

    /// <summary>Takes the mapping away; every access from then on throws. Task context.</summary>
    public void Dispose()
    {
        // Of two that dispose it at once, one unmaps.
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start != 0 && _unmap != null)
        {
            _unmap((void*)start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* At(long offset, long bytes)
    {
        nint start = Volatile.Read(ref _start);

        // A negative number is larger than any length when it is read as unsigned.
        if (start == 0 || (ulong)bytes > _length || (ulong)offset > _length - (ulong)bytes)
        {
            ThrowOutside();
        }

        return (byte*)start + offset;
    }

    [DoesNotReturn]
    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("offset", "outside of the device memory region");
}
