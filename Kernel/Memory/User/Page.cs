using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.User;

/// <summary>
/// One 4 KiB frame of user memory with a count of its references: mappings, and whoever else keeps it. The value itself is a plain pointer; who has counted a reference releases it once.
/// Contents may be read and written in any context but NMI; who may do so is its owner's affair.
/// </summary>
public readonly unsafe struct Page : IEquatable<Page>
{
    /// <summary>Bytes of a page.</summary>
    public const int Size = Frame.Size;

    [Immutable]
    private static Frame* s_zero;

    // A reference that is a pin counts here, and as a reference; the two counts are one word, so both are seen of the same moment.
    private const int PinShift = 32;
    private const long OnePin = (1L << PinShift) | 1;

    private readonly Frame* _frame;

    private Page(Frame* frame) => _frame = frame;

    /// <summary>The page that is always zero, shared by all: its references are not counted, it is never written.</summary>
    public static Page Zero => new(s_zero);

    /// <summary>It is no page.</summary>
    public bool IsNull => _frame == null;

    /// <summary>It is <see cref="Zero"/>.</summary>
    public bool IsZero => _frame == s_zero;

    /// <summary>Number of the frame: physical address / 4096.</summary>
    public ulong Number => FrameTable.NumberOf(_frame);

    /// <summary>
    /// References now, pins included; <see cref="int.MaxValue"/> for <see cref="Zero"/>. Outdated at once, except that 1 stays 1 while only the holder of that reference can hand it on.
    /// </summary>
    public int References => _frame == s_zero ? int.MaxValue : (int)Volatile.Read(ref _frame->Owner);

    /// <summary>References now that are no pins: mappings, and who looks at the page. As <see cref="References"/>.</summary>
    public int UnpinnedReferences
    {
        get
        {
            ulong counts = _frame == s_zero ? int.MaxValue : Volatile.Read(ref _frame->Owner);
            return (int)(uint)counts - (int)(counts >> PinShift);
        }
    }

    /// <summary>A device writes it now, or is about to (<see cref="Pin"/>). Outdated at once, unless the caller keeps others from pinning it.</summary>
    public bool IsPinned => _frame != s_zero && Volatile.Read(ref _frame->Owner) >> PinShift != 0;

    /// <summary>
    /// A word for the page's owner, whose lock guards it: a cache keeps a page's state here. What it holds after <see cref="TryAllocate"/> is undefined. Not for <see cref="Zero"/>.
    /// </summary>
    public nuint OwnerWord
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)_frame->Previous;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _frame->Previous = (Frame*)value;
    }

    /// <summary>Memory of the page, in the direct map.</summary>
    internal byte* Address
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (byte*)FrameTable.AddressOf(_frame);
    }

    /// <summary>Physical address.</summary>
    internal ulong Physical
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FrameTable.PhysicalOf(_frame);
    }

    /// <summary>Takes a frame; its count is 1. Any context but NMI.</summary>
    /// <param name="page">The page; null when there is none.</param>
    /// <param name="cleared">Fill it with zeros; without that it holds what it held before, which no user may ever see.</param>
    /// <param name="fromReserve">Take it from the reserve, too (<see cref="FrameAllocator.Reserve"/>): for a process that cannot be killed to get memory.</param>
    /// <returns>False when there is no memory.</returns>
    [NoAllocation]
    public static bool TryAllocate(out Page page, bool cleared = true, bool fromReserve = false)
    {
        FrameUse use = fromReserve ? FrameUse.Kernel : FrameUse.User;
        Frame* frame = cleared ? FrameAllocator.AllocateCleared(use) : FrameAllocator.Allocate(1, use);
        page = new Page(frame);
        if (frame == null)
        {
            return false;
        }

        frame->Use = FrameUse.User;
        Volatile.Write(ref frame->Owner, 1);
        return true;
    }

    /// <summary>Counts one more reference. The caller has one, or a lock that keeps one from going. Any context but NMI.</summary>
    [NoAllocation]
    public void AddReference()
    {
        if (_frame != s_zero)
        {
            Interlocked.Increment(ref *(long*)&_frame->Owner);
        }
    }

    /// <summary>
    /// Counts one more reference, for a device that will write the page: until <see cref="Unpin"/>, a private page stays the one of the address space that it was taken from, and fork(2) copies it for the child at
    /// once. The caller has a reference, or a lock that keeps one from going. Any context but NMI.
    /// </summary>
    [NoAllocation]
    public void Pin()
    {
        if (_frame != s_zero)
        {
            Interlocked.Add(ref *(long*)&_frame->Owner, OnePin);
        }
    }

    /// <summary>Gives back what <see cref="Pin"/> has counted; with the last reference the frame is free. Any context but NMI.</summary>
    [NoAllocation]
    public void Unpin()
    {
        if (_frame != s_zero)
        {
            Released(Interlocked.Add(ref *(long*)&_frame->Owner, -OnePin));
        }
    }

    /// <summary>Gives a reference back; with the last one the frame is free. Any context but NMI.</summary>
    [NoAllocation]
    public void Release()
    {
        if (_frame != s_zero)
        {
            Released(Interlocked.Decrement(ref *(long*)&_frame->Owner));
        }
    }

    /// <summary>Copies bytes out of the page.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the page.</exception>
    public void Read(int offset, Span<byte> to)
    {
        Verify(offset, to.Length);
        new ReadOnlySpan<byte>(Address + offset, to.Length).CopyTo(to);
    }

    /// <summary>Copies bytes into the page.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the page.</exception>
    public void Write(int offset, ReadOnlySpan<byte> from)
    {
        Verify(offset, from.Length);
        from.CopyTo(new Span<byte>(Address + offset, from.Length));
    }

    /// <summary>Fills bytes with zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the page.</exception>
    public void Clear(int offset, int count)
    {
        Verify(offset, count);
        new Span<byte>(Address + offset, count).Clear();
    }

    /// <summary>Takes the contents of another page.</summary>
    [NoAllocation]
    public void CopyFrom(Page other) => RawMemory.CopyPage(other.Address, Address);

    /// <summary>Takes a part of another page.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="from">First byte there.</param>
    /// <param name="to">First byte here.</param>
    /// <param name="count">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range does not lie inside its page.</exception>
    public void CopyFrom(Page other, int from, int to, int count)
    {
        Verify(from, count);
        Verify(to, count);
        new ReadOnlySpan<byte>(other.Address + from, count).CopyTo(new Span<byte>(Address + to, count));
    }

    /// <inheritdoc/>
    public bool Equals(Page other) => _frame == other._frame;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Page other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((nuint)_frame).GetHashCode();

    /// <summary>They are the same frame.</summary>
    public static bool operator ==(Page left, Page right) => left._frame == right._frame;

    /// <summary>They are different frames.</summary>
    public static bool operator !=(Page left, Page right) => left._frame != right._frame;

    /// <summary>The page in the frame at a physical address that a page table names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Page OfPhysical(ulong physical) => new(FrameTable.OfPhysical(physical));

    /// <summary>Makes the zero page. Boot CPU, once.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        s_zero = FrameAllocator.AllocateCleared(FrameUse.Kernel);
        if (s_zero == null)
        {
            Panic.Now("There is no memory for the page of zeros"u8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Released(long left)
    {
        if (left == 0)
        {
            FrameAllocator.Free(_frame);
        }
        else if (left < 0)
        {
            Panic.Now("A page of user memory was released more often than it was referenced"u8);
        }
    }

    private static void Verify(int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Size - offset);
    }
}
