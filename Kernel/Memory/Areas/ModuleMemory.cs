using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// The memory of one loaded module: pages of <see cref="ModuleArea"/> with an unmapped page behind them. It is filled through <see cref="Write"/> before it is mapped, so that no page is ever writable and executable.
/// Task context, one caller at a time for all modules: the loader has a mutex.
/// </summary>
/// <remarks>It holds no address, only a page number: the collector takes words that look like addresses in a module for references to it.</remarks>
[Protocol("Touched by the task that holds the loader's mutex; the page number is constant.")]
public sealed unsafe class ModuleMemory
{
    private const ulong AreaPages = ModuleArea.Bytes / Frame.Size;

    [Protocol("Changed and read by the task that holds the loader's mutex.")]
    private static readonly List<ModuleMemory> s_areas = [];

    // Where the search for addresses goes on: addresses are used again as late as possible, so that a stale one hits nothing.
    [Protocol("Changed and read by the task that holds the loader's mutex.")]
    private static uint s_next;

    [Atomic]
    private static long s_mappedBytes;

    private readonly uint[] _frames;
    private readonly uint _firstPage;
    private bool _mapped;

    private ModuleMemory(uint firstPage, int pages)
    {
        _firstPage = firstPage;
        _frames = new uint[pages];
    }

    /// <summary>Bytes of all modules' memory. A snapshot.</summary>
    public static long MappedBytes => Volatile.Read(ref s_mappedBytes);

    /// <summary>First address.</summary>
    public ulong Address => ModuleArea.Base + ((ulong)_firstPage * Frame.Size);

    /// <summary>Size in bytes, whole pages.</summary>
    public int Length => _frames.Length * (int)Frame.Size;

    /// <summary>Takes addresses and cleared frames; nothing is mapped yet.</summary>
    /// <param name="bytes">Size, 1 or more; rounded up to pages.</param>
    /// <returns>Null when memory or addresses ran out.</returns>
    public static ModuleMemory? TryAllocate(int bytes)
    {
        int pages = (int)(((uint)bytes + Frame.Size - 1) / Frame.Size);
        if (pages <= 0 || !TryFindPages((uint)pages + 1, out uint first))
        {
            return null;
        }

        var memory = new ModuleMemory(first, pages);
        for (int i = 0; i < pages; i++)
        {
            Frame* frame = FrameAllocator.AllocateCleared(FrameUse.VirtualArea);
            if (frame == null)
            {
                memory.FreeFrames();
                return null;
            }

            memory._frames[i] = (uint)FrameTable.NumberOf(frame);
        }

        s_areas.Add(memory);
        s_next = (uint)(((ulong)first + (uint)pages + 1) % AreaPages);
        Interlocked.Add(ref s_mappedBytes, memory.Length);
        return memory;
    }

    /// <summary>Fills a part of the memory, before it is mapped.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="bytes">What.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    /// <exception cref="InvalidOperationException">The memory is mapped.</exception>
    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - bytes.Length);
        if (_mapped)
        {
            throw new InvalidOperationException("the module is mapped");
        }

        while (bytes.Length > 0)
        {
            int inPage = offset & ((int)Frame.Size - 1);
            int count = Math.Min(bytes.Length, (int)Frame.Size - inPage);
            bytes[..count].CopyTo(new Span<byte>((byte*)FrameTable.AddressOf(FrameTable.Base + _frames[offset >> Frame.Shift]) + inPage, count));
            bytes = bytes[count..];
            offset += count;
        }
    }

    /// <summary>Maps whole pages with their rights.</summary>
    /// <param name="offset">First byte, a multiple of 4096.</param>
    /// <param name="length">Bytes; rounded up to pages.</param>
    /// <param name="rights">The rights.</param>
    /// <returns>False when memory for page tables ran out; <see cref="Free"/> takes back what was mapped.</returns>
    public bool TryMap(int offset, int length, ModuleRights rights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        _mapped = true;
        PageRights page = PageRights.Global | rights switch
        {
            ModuleRights.Code => PageRights.Read | PageRights.Execute,
            ModuleRights.Constant => PageRights.Read,
            _ => PageRights.Read | PageRights.Write,
        };
        for (int at = offset; at < offset + length; at += (int)Frame.Size)
        {
            if (!PageTables.Map(Address + (ulong)at, (ulong)_frames[at >> Frame.Shift] << Frame.Shift, page))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Unmaps all, waits until every CPU has forgotten it, and gives frames and addresses back. Nobody may have an address of it any more.</summary>
    public void Free()
    {
        if (!s_areas.Remove(this))
        {
            return;
        }

        bool mapped = false;
        for (int i = 0; i < _frames.Length; i++)
        {
            mapped |= PageTables.Unmap(Address + ((ulong)i * Frame.Size)) != 0;
        }

        if (mapped)
        {
            TlbShootdown.Flush(Address, (ulong)_frames.Length);
        }

        Interlocked.Add(ref s_mappedBytes, -Length);
        FreeFrames();
    }

    private static bool TryFindPages(uint pages, out uint first)
    {
        s_areas.Sort(static (left, right) => left._firstPage.CompareTo(right._firstPage));
        return TryFindPages(pages, s_next, out first) || TryFindPages(pages, 0, out first);
    }

    private static bool TryFindPages(uint pages, uint from, out uint first)
    {
        first = from;
        foreach (ModuleMemory area in s_areas)
        {
            uint end = area._firstPage + (uint)area._frames.Length + 1;
            if (end <= first)
            {
                continue;
            }

            if (area._firstPage >= first && area._firstPage - first >= pages)
            {
                return true;
            }

            first = end;
        }

        return first + (ulong)pages <= AreaPages;
    }

    private void FreeFrames()
    {
        for (int i = 0; i < _frames.Length; i++)
        {
            if (_frames[i] != 0)
            {
                FrameAllocator.Free(FrameTable.Base + _frames[i]);
                _frames[i] = 0;
            }
        }
    }
}
