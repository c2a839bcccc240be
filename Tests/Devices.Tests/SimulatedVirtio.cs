using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Devices.Tests;

/// <summary>The device's side of a virtqueue, written from the specification, which does as it is told, lies included. Physical addresses are those of the process.</summary>
internal sealed unsafe class SimulatedVirtio : IDisposable
{
    private const int Page = 4096;
    private readonly List<nint> _memory = [];
    private readonly byte* _ring;
    private readonly VirtQueueLayout _layout;
    private readonly int _indirect;
    private ushort _seen;

    public SimulatedVirtio(int size, bool usesEvents = false, int indirect = 0)
    {
        _layout = new VirtQueueLayout(size);
        _indirect = indirect;
        DmaBuffer ring = Allocate(_layout.Bytes);
        _ring = (byte*)ring.PhysicalAddress;
        Queue = new VirtQueue(0, _layout, ring, usesEvents, indirect > 0 ? Allocate(size * indirect * 16) : null, indirect);
    }

    public VirtQueue Queue { get; }

    public ushort AvailableIndex => *(ushort*)(_ring + _layout.Available + 2);

    public ushort AvailableFlags => *(ushort*)(_ring + _layout.Available);

    public ushort WantedInterrupt => *(ushort*)(_ring + _layout.Available + 4 + (2 * _layout.Size));

    public ushort WantedNotification
    {
        set => *(ushort*)(_ring + _layout.Used + 4 + (8 * _layout.Size)) = value;
    }

    public ushort UsedFlags
    {
        set => *(ushort*)(_ring + _layout.Used) = value;
    }

    public ushort UsedIndex
    {
        get => *(ushort*)(_ring + _layout.Used + 2);
        set => *(ushort*)(_ring + _layout.Used + 2) = value;
    }

    public DmaBuffer Allocate(int bytes)
    {
        void* start = NativeMemory.AlignedAlloc((nuint)(bytes + Page), Page);
        NativeMemory.Clear(start, (nuint)bytes);
        _memory.Add((nint)start);
        return DmaBuffer.OverMemory((nint)start, bytes, (ulong)start);
    }

    /// <summary>Takes the next chain that the driver has published.</summary>
    public bool TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments)
    {
        segments = [];
        head = 0;
        if (_seen == AvailableIndex)
        {
            return false;
        }

        head = *(ushort*)(_ring + _layout.Available + 4 + (2 * (_seen & (_layout.Size - 1))));
        _seen++;
        byte* table = _ring;
        int at = head;
        while (true)
        {
            byte* descriptor = table + (16 * at);
            ushort flags = *(ushort*)(descriptor + 12);
            if ((flags & 4) != 0)
            {
                table = (byte*)*(ulong*)descriptor;
                at = 0;
                continue;
            }

            segments.Add((*(ulong*)descriptor, *(uint*)(descriptor + 8), (flags & 2) != 0));
            if ((flags & 1) == 0)
            {
                return true;
            }

            at = *(ushort*)(descriptor + 14);
        }
    }

    /// <summary>Writes an entry of the used ring and moves the index on.</summary>
    public void Use(uint head, uint length)
    {
        byte* entry = _ring + _layout.Used + 4 + (8 * (UsedIndex & (_layout.Size - 1)));
        *(uint*)entry = head;
        *(uint*)(entry + 4) = length;
        UsedIndex++;
    }

    /// <summary>Writes over everything that the driver wrote for the device.</summary>
    public void Scribble()
    {
        new Span<byte>(_ring, _layout.Used).Fill(0xA5);
    }

    public void Dispose()
    {
        foreach (nint start in _memory)
        {
            NativeMemory.AlignedFree((void*)start);
        }
    }

    public static DmaSegment Segment(ulong address, int length) => new(address, length);
}
