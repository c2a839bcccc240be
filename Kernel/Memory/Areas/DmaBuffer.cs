using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Physically contiguous memory that a device reads and writes, for safe code: each access is checked against its size. Cleared at the start. x86 keeps DMA coherent with the caches, so
/// nothing has to be flushed. Any context but NMI; an access outside of the buffer throws, which is a panic in interrupt context.
/// <para>
/// The owner makes sure that the device has stopped using the buffer, and that nobody else uses it, when it is disposed. A mistake there stays among devices: memory that was once given
/// to a device is never used for anything but DMA again (<see cref="DmaMemory"/>).
/// </para>
/// </summary>
public sealed unsafe class DmaBuffer : IDisposable
{
    // The first byte's address; 0 once it is disposed.
    [Atomic]
    private nint _start;

    private readonly bool _isOthers;

    private DmaBuffer(Frame* frame, int length)
    {
        Length = length;
        PhysicalAddress = FrameTable.PhysicalOf(frame);
        _start = (nint)FrameTable.AddressOf(frame);
    }

    /// <summary>Bytes that may be used.</summary>
    public int Length { get; }

    /// <summary>Where the device finds the first byte: a multiple of 4096.</summary>
    public ulong PhysicalAddress { get; }

    private DmaBuffer(nint start, int length, ulong physicalAddress)
    {
        _start = start;
        Length = length;
        PhysicalAddress = physicalAddress;
        _isOthers = true;
    }

    /// <summary>A buffer over memory that the caller has and keeps, for tests without a machine.</summary>
    internal static DmaBuffer OverMemory(nint start, int length, ulong physicalAddress) => new(start, length, physicalAddress);

    /// <summary>Allocates a buffer, all bytes 0. Any context in which the managed heap may be used.</summary>
    /// <param name="bytes">Size, 1 to <see cref="DmaMemory.LargestBytes"/>.</param>
    /// <param name="highestAddress">The last address that the device can reach: 0xFFFFFF (16 MiB) or above. Devices with 32 address bits: 0xFFFFFFFF.</param>
    /// <returns>The buffer; null when there is no such memory.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size or the address is out of its range.</exception>
    public static DmaBuffer? TryAllocate(int bytes, ulong highestAddress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, DmaMemory.LargestBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(highestAddress, DmaMemory.LowestLimit);
        Frame* frame = DmaMemory.Take(bytes, highestAddress);
        if (frame == null)
        {
            return null;
        }

        new Span<byte>(FrameTable.AddressOf(frame), bytes).Clear();
        try
        {
            return new DmaBuffer(frame, bytes);
        }
        catch
        {
            DmaMemory.Give(frame);
            throw;
        }
    }

    /// <summary>The bytes of a part of the buffer. The span must not be used once the buffer is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all inside of the buffer.</exception>
    public Span<byte> Span(int offset, int length) => new(At(offset, length), length);

    /// <summary>Reads a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside of the buffer.</exception>
    public byte Read8(int offset) => Volatile.Read(ref *At(offset, 1));

    /// <summary>Reads 16 bits at a multiple of 2, at once; no later read comes before it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public ushort Read16(int offset) => Volatile.Read(ref *(ushort*)At(offset, 2));

    /// <summary>Reads 32 bits at a multiple of 4, as <see cref="Read16"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public uint Read32(int offset) => Volatile.Read(ref *(uint*)At(offset, 4));

    /// <summary>Reads 64 bits at a multiple of 8, as <see cref="Read16"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public ulong Read64(int offset) => Volatile.Read(ref *(ulong*)At(offset, 8));

    /// <summary>Writes a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside of the buffer.</exception>
    public void Write8(int offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    /// <summary>Writes 16 bits at a multiple of 2, at once and after all that was written before.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public void Write16(int offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, 2), value);

    /// <summary>Writes 32 bits at a multiple of 4, as <see cref="Write16"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public void Write32(int offset, uint value) => Volatile.Write(ref *(uint*)At(offset, 4), value);

    /// <summary>Writes 64 bits at a multiple of 8, as <see cref="Write16"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not inside of the buffer.</exception>
    public void Write64(int offset, ulong value) => Volatile.Write(ref *(ulong*)At(offset, 8), value);

    /// <summary>Gives the memory back; every access from then on throws. Any context but NMI.</summary>
    public void Dispose()
    {
        // Of two that dispose it at once, one gives it back.
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start != 0 && !_isOthers)
        {
            DmaMemory.Give(FrameTable.OfAddress((void*)start));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* At(int offset, int bytes)
    {
        nint start = Volatile.Read(ref _start);

        // A negative number is larger than any length when it is read as unsigned.
        if (start == 0 || (uint)bytes > (uint)Length || (uint)offset > (uint)(Length - bytes))
        {
            ThrowOutside();
        }

        return (byte*)start + offset;
    }

    [DoesNotReturn]
    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("offset", "outside of the DMA buffer");
}
