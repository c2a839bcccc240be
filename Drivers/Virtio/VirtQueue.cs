using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>
/// The driver's side of a split virtqueue (Virtual I/O Device 1.2, section 2.7). It has no lock: its driver calls it under one of its own. Nothing here allocates, waits or throws, so that lock may be
/// one that is taken with interrupts off. Any context but NMI.
/// <para>
/// The device is not trusted: what the driver must remember of a buffer stays in memory that the device cannot write, and each index, descriptor and length that the device writes is checked. The first
/// one that is wrong ends the use of the queue (<see cref="Fault"/>): nothing is taken from it any more, and <see cref="VirtioDevice.Break"/> stops the device.
/// </para>
/// </summary>
[Owned]
public sealed class VirtQueue
{
    private const ushort Next = 1;
    private const ushort Write = 2;
    private const ushort Indirect = 4;
    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;
    private const int RingStart = 4;
    private const int UsedEntryBytes = 8;
    private const int None = -1;

    private readonly VirtQueueLayout _layout;
    private readonly DmaBuffer _memory;
    private readonly DmaBuffer? _tables;
    private readonly int _indirectSegments;
    private readonly bool _usesEvents;
    private readonly int _mask;

    // By descriptor: the next one of its chain or of the free list. What the device sees of it is written from here and never read back.
    private readonly int[] _next;

    // By the first descriptor of a chain: the driver's token, or None when the device has no chain that begins there; the bytes that the device may write; its descriptors.
    private readonly int[] _tokens;
    private readonly uint[] _room;
    private readonly int[] _counts;

    private int _free;
    private int _outstanding;
    private ushort _added;
    private ushort _published;
    private ushort _taken;
    private bool _wantsInterrupts = true;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="index">Its number in the device.</param>
    /// <param name="layout">Its size.</param>
    /// <param name="memory">At least <see cref="VirtQueueLayout.Bytes"/>, all 0.</param>
    /// <param name="usesEvents">VIRTIO_F_EVENT_IDX was negotiated: both sides say at which index they want to hear from the other.</param>
    /// <param name="tables">Room for <paramref name="indirectSegments"/> descriptors for each descriptor of the queue; null when VIRTIO_F_INDIRECT_DESC was not negotiated.</param>
    /// <param name="indirectSegments">The longest buffer that takes a single descriptor of the queue.</param>
    public VirtQueue(int index, VirtQueueLayout layout, DmaBuffer memory, bool usesEvents, DmaBuffer? tables, int indirectSegments)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Length, layout.Bytes);
        Index = index;
        _layout = layout;
        _memory = memory;
        _usesEvents = usesEvents;
        _tables = tables;
        _indirectSegments = tables is null ? 0 : indirectSegments;
        _mask = layout.Size - 1;
        _next = new int[layout.Size];
        _tokens = new int[layout.Size];
        _room = new uint[layout.Size];
        _counts = new int[layout.Size];
        Array.Fill(_tokens, None);
        for (int i = 0; i < layout.Size; i++)
        {
            _next[i] = i + 1;
        }

        FreeCount = layout.Size;
    }

    /// <summary>Its number in the device.</summary>
    public int Index { get; }

    /// <summary>Number of descriptors.</summary>
    public int Size => _layout.Size;

    /// <summary>Descriptors that no buffer uses.</summary>
    public int FreeCount { get; private set; }

    /// <summary>Buffers that the device has.</summary>
    public int Outstanding => _outstanding;

    /// <summary>What the device did wrong; <see cref="VirtQueueFault.None"/> as long as the queue can be used.</summary>
    public VirtQueueFault Fault { get; private set; }

    /// <summary>The value that was wrong: an index, a descriptor or a length.</summary>
    public uint FaultValue { get; private set; }

    /// <summary>Times that the device was told of buffers, and that it had asked not to be.</summary>
    public ulong Notifications { get; private set; }

    /// <summary>Where the device finds the queue's memory.</summary>
    internal ulong PhysicalAddress => _memory.PhysicalAddress;

    internal VirtQueueLayout Layout => _layout;

    /// <summary>Adds a buffer. The device sees it after <see cref="Publish"/>.</summary>
    /// <param name="readable">What the device reads.</param>
    /// <param name="writable">What the device writes, behind what it reads.</param>
    /// <param name="token">What <see cref="TryTake"/> returns for this buffer, 0 or more.</param>
    /// <returns>False when there is no room, or the queue is not used any more.</returns>
    [NoAllocation]
    public bool TryAdd(ReadOnlySpan<DmaSegment> readable, ReadOnlySpan<DmaSegment> writable, int token)
    {
        int count = readable.Length + writable.Length;
        bool isIndirect = count > 1 && count <= _indirectSegments;
        int needed = isIndirect ? 1 : count;
        if (needed == 0 || needed > FreeCount || token < 0 || Fault != VirtQueueFault.None)
        {
            return false;
        }

        int head = _free;
        uint room = 0;
        int at = head;
        int table = head * _indirectSegments * VirtQueueLayout.DescriptorBytes;
        for (int i = 0; i < count; i++)
        {
            bool writes = i >= readable.Length;
            DmaSegment segment = writes ? writable[i - readable.Length] : readable[i];
            room += writes ? (uint)segment.Length : 0;
            int flags = (writes ? Write : 0) | (i + 1 < count ? Next : 0);
            if (isIndirect)
            {
                WriteDescriptor(_tables!, table + (i * VirtQueueLayout.DescriptorBytes), segment, flags, i + 1 < count ? i + 1 : 0);
            }
            else
            {
                int following = _next[at];
                WriteDescriptor(_memory, at * VirtQueueLayout.DescriptorBytes, segment, flags, i + 1 < count ? following : 0);
                at = following;
            }
        }

        if (isIndirect)
        {
            at = _next[head];
            WriteDescriptor(
                _memory,
                head * VirtQueueLayout.DescriptorBytes,
                new DmaSegment(_tables!.PhysicalAddress + (ulong)table, count * VirtQueueLayout.DescriptorBytes),
                Indirect,
                0);
        }

        _free = at;
        FreeCount -= needed;
        _counts[head] = needed;
        _room[head] = room;
        _tokens[head] = token;
        _outstanding++;
        _memory.Write16(_layout.Available + RingStart + (2 * (_added & _mask)), (ushort)head);
        _added++;
        return true;
    }

    /// <summary>Shows the device all that was added.</summary>
    /// <returns>True when the device wants to be notified of it.</returns>
    [NoAllocation]
    public bool Publish()
    {
        ushort before = _published;
        if (_added == before || Fault != VirtQueueFault.None)
        {
            return false;
        }

        // A store on x86 comes after all earlier ones: the device sees the descriptors and the entries when it sees the index.
        _memory.Write16(_layout.Available + 2, _added);
        _published = _added;

        // The index is there before the device's wish is read: it either sees the index, or we see that it wants to be told.
        Interlocked.MemoryBarrier();
        bool wanted = _usesEvents
            ? HasPassed(_memory.Read16(_layout.Used + RingStart + (UsedEntryBytes * Size)), _added, before)
            : (_memory.Read16(_layout.Used) & NoNotify) == 0;
        Notifications += wanted ? 1ul : 0;
        return wanted;
    }

    /// <summary>Takes the next buffer that the device has used.</summary>
    /// <param name="token">What <see cref="TryAdd"/> was given.</param>
    /// <param name="written">Bytes that the device wrote, not more than there is room for.</param>
    /// <returns>False when there is none, or the device did what it must not: then <see cref="Fault"/> says what.</returns>
    [NoAllocation]
    public bool TryTake(out int token, out uint written)
    {
        token = None;
        written = 0;
        if (Fault != VirtQueueFault.None)
        {
            return false;
        }

        ushort index = _memory.Read16(_layout.Used + 2);
        if (index == _taken)
        {
            return false;
        }

        if ((ushort)(index - _taken) > _outstanding)
        {
            return Accuse(VirtQueueFault.IndexJumped, index);
        }

        // Loads on x86 stay in order: the entry is at least as new as the index.
        int entry = _layout.Used + RingStart + (UsedEntryBytes * (_taken & _mask));
        uint head = _memory.Read32(entry);
        uint length = _memory.Read32(entry + 4);
        if (head >= (uint)Size)
        {
            return Accuse(VirtQueueFault.UnknownDescriptor, head);
        }

        if (_tokens[(int)head] == None)
        {
            return Accuse(VirtQueueFault.NotItsDescriptor, head);
        }

        if (length > _room[(int)head])
        {
            return Accuse(VirtQueueFault.LengthTooLong, length);
        }

        token = Free((int)head);
        written = length;
        _taken++;
        if (_usesEvents && _wantsInterrupts)
        {
            _memory.Write16(_layout.Available + RingStart + (2 * Size), _taken);

            // Before the index is read for the next one: what is used later interrupts.
            Interlocked.MemoryBarrier();
        }

        return true;
    }

    /// <summary>Asks the device not to interrupt for this queue. It may do so all the same.</summary>
    [NoAllocation]
    public void DisableInterrupts()
    {
        _wantsInterrupts = false;
        if (_usesEvents)
        {
            // An index that it reaches last.
            _memory.Write16(_layout.Available + RingStart + (2 * Size), (ushort)(_taken - 1));
        }
        else
        {
            _memory.Write16(_layout.Available, NoInterrupt);
        }
    }

    /// <summary>Asks for an interrupt when the device uses the next buffer.</summary>
    /// <returns>True when it has used one already, for which it may not interrupt: the caller takes it now.</returns>
    [NoAllocation]
    public bool EnableInterrupts()
    {
        _wantsInterrupts = true;
        if (_usesEvents)
        {
            _memory.Write16(_layout.Available + RingStart + (2 * Size), _taken);
        }
        else
        {
            _memory.Write16(_layout.Available, 0);
        }

        // The wish is there before the index is read: the device either sees it, or we see the index.
        Interlocked.MemoryBarrier();
        return HasUsed;
    }

    /// <summary>Whether the device has used a buffer that was not taken.</summary>
    public bool HasUsed => Fault == VirtQueueFault.None && _memory.Read16(_layout.Used + 2) != _taken;

    /// <summary>Takes a buffer back that the device did not use. Only once the device has been reset or stopped.</summary>
    /// <param name="token">What <see cref="TryAdd"/> was given.</param>
    /// <returns>False when there is none.</returns>
    [NoAllocation]
    public bool TryDetach(out int token)
    {
        for (int head = 0; _outstanding > 0 && head < Size; head++)
        {
            if (_tokens[head] != None)
            {
                token = Free(head);
                return true;
            }
        }

        token = None;
        return false;
    }

    // Virtual I/O Device 1.2, section 2.7.7.2: whether the index at which the other side wants to hear lies between the old one and the new one.
    internal static bool HasPassed(ushort wanted, ushort now, ushort before) => (ushort)(now - wanted - 1) < (ushort)(now - before);

    private static void WriteDescriptor(DmaBuffer memory, int offset, DmaSegment segment, int flags, int next)
    {
        memory.Write64(offset, segment.Address);
        memory.Write64(offset + 8, (uint)segment.Length | ((ulong)(uint)flags << 32) | ((ulong)(uint)next << 48));
    }

    private int Free(int head)
    {
        int token = _tokens[head];
        _tokens[head] = None;
        int last = head;
        for (int i = 1; i < _counts[head]; i++)
        {
            last = _next[last];
        }

        _next[last] = _free;
        _free = head;
        FreeCount += _counts[head];
        _outstanding--;
        return token;
    }

    private bool Accuse(VirtQueueFault fault, uint value)
    {
        FaultValue = value;
        Fault = fault;
        return false;
    }
}
