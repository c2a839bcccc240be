using System;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Paging;

/// <summary>Rights and kind of a mapping.</summary>
[Flags]
public enum PageRights : ulong
{
    /// <summary>Kernel may read.</summary>
    Read = 1ul << 0,

    /// <summary>Kernel may write.</summary>
    Write = 1ul << 1,

    /// <summary>User mode may reach it too.</summary>
    User = 1ul << 2,

    /// <summary>Not cached: device registers (PAT entry 3 of the power-on table, UC).</summary>
    Uncached = (1ul << 3) | (1ul << 4),

    /// <summary>Writes are combined: framebuffers (PAT entry 1, which <see cref="PageTables"/> programs as WC).</summary>
    WriteCombining = 1ul << 3,

    /// <summary>The same in every address space.</summary>
    Global = 1ul << 8,

    /// <summary>May be executed. Kept apart from the hardware's inverted bit.</summary>
    Execute = 1ul << 62,
}

/// <summary>
/// The kernel's page tables (Intel SDM vol. 3A, chapter 5, four levels). One table for the kernel's half, shared by all address spaces; its top-level entries
/// exist from boot. Changes take <c>s_lock</c>; making a mapping smaller or weaker needs a TLB shoot-down by the caller after it.
/// </summary>
public static unsafe class PageTables
{
    /// <summary>Start of the virtual areas.</summary>
    public const ulong VirtualAreaBase = 0xFFFF_D000_0000_0000;

    /// <summary>Size of the virtual areas in bytes: one top-level entry.</summary>
    public const ulong VirtualAreaBytes = 1ul << 39;

    /// <summary>Start of the frame descriptors.</summary>
    public const ulong FrameDescriptorBase = 0xFFFF_C000_0000_0000;

    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong Large = 1ul << 7;
    private const ulong NoExecute = 1ul << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    private static IrqSpinLock s_lock = new(LockClass.PageTables);

    // The top-level table, and all that hangs from it. A table is never freed, so a walk without the lock is safe, if perhaps outdated.
    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static volatile ulong* s_root;

    [Immutable]
    private static ulong s_rootPhysical;

    [Immutable]
    private static ulong s_noExecute;

    [Immutable]
    private static ulong s_global;

    [Immutable]
    private static delegate*<ulong> s_allocateFrame;

    /// <summary>Physical address of the kernel's top-level table.</summary>
    public static ulong RootPhysical => s_rootPhysical;

    /// <summary>Sets where frames for page tables come from: a function that returns the physical address of a cleared frame, or 0. Until then they are early frames.</summary>
    [BeforePublication]
    public static void SetFrameSource(delegate*<ulong> allocate) => s_allocateFrame = allocate;

    /// <summary>Builds the final kernel page tables and turns them on. Boot CPU, once, after <see cref="EarlyFrames"/>.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        s_allocateFrame = &AllocateEarly;
        s_noExecute = CpuId.HasNoExecute ? NoExecute : 0;
        s_global = CpuId.HasGlobalPages ? (ulong)PageRights.Global : 0;
        s_rootPhysical = EarlyFrames.Allocate(1);
        s_root = (ulong*)DirectMap.ToVirtual(s_rootPhysical);

        MapAllMemory();
        MapImage();
        EnsureTop(VirtualAreaBase, VirtualAreaBytes);
        ulong descriptors = (FirmwareMemoryMap.HighestUsable >> 12) * 32;
        EnsureTop(FrameDescriptorBase, descriptors);
        ActivateOnThisCpu();
    }

    /// <summary>Loads the kernel's page tables and turns on the protections that this CPU has. Every CPU calls it once.</summary>
    internal static void ActivateOnThisCpu()
    {
        if (s_noExecute != 0)
        {
            Msr.Write(Msr.Efer, Msr.Read(Msr.Efer) | (1ul << 11));
        }

        // PAT entry 1 becomes write-combining; the others keep their power-on meaning (SDM vol. 3A, 13.12.4).
        Msr.Write(Msr.PageAttributeTable, 0x0007_0406_0007_0106);
        CpuInstructions.WriteControl3(s_rootPhysical);
        ulong control4 = CpuInstructions.ReadControl4();
        control4 |= CpuId.HasGlobalPages ? 1ul << 7 : 0;
        control4 |= CpuId.HasUmip ? 1ul << 11 : 0;
        control4 |= CpuId.HasFsGsBase ? 1ul << 16 : 0;
        control4 |= CpuId.HasSmep ? 1ul << 20 : 0;
        control4 |= CpuId.HasSmap ? 1ul << 21 : 0;
        CpuInstructions.WriteControl4(control4);
        CpuInstructions.WriteControl0(CpuInstructions.ReadControl0() | (1ul << 16));
    }

    /// <summary>Maps one 4 KiB page. Fails (false) when a page table cannot be allocated or the page is mapped already. Any context where the frame source may be called.</summary>
    public static bool Map(ulong address, ulong physical, PageRights rights)
    {
        using (s_lock.Enter())
        {
            ulong* entry = FindEntry(address, create: true);
            if (entry == null || (*entry & Present) != 0)
            {
                return false;
            }

            Volatile.Write(ref *entry, Encode(physical, rights));
            return true;
        }
    }

    /// <summary>Removes a 4 KiB page; returns its physical address, or 0 when it was not mapped. Only this CPU's TLB forgets it.</summary>
    public static ulong Unmap(ulong address)
    {
        using (s_lock.Enter())
        {
            ulong* entry = FindEntry(address, create: false);
            if (entry == null || (*entry & Present) == 0)
            {
                return 0;
            }

            ulong physical = *entry & AddressMask;
            Volatile.Write(ref *entry, 0);
            CpuInstructions.InvalidatePage(address);
            return physical;
        }
    }

    /// <summary>The physical address behind a kernel address; false when none is mapped. Takes no lock: for diagnostics and for callers that own the mapping.</summary>
    public static bool TryTranslate(ulong address, out ulong physical)
    {
        ulong* table = s_root;
        for (int shift = 39; shift >= 12; shift -= 9)
        {
            ulong entry = Volatile.Read(ref table[(address >> shift) & 511]);
            if ((entry & Present) == 0)
            {
                break;
            }

            if (shift == 12 || (entry & Large) != 0)
            {
                ulong mask = (1ul << shift) - 1;
                physical = (entry & AddressMask & ~mask) | (address & mask);
                return true;
            }

            table = (ulong*)DirectMap.ToVirtual(entry & AddressMask);
        }

        physical = 0;
        return false;
    }

    [BeforePublication]
    private static ulong AllocateEarly() => EarlyFrames.Allocate(1);

    private static ulong Encode(ulong physical, PageRights rights)
    {
        ulong entry = physical | ((ulong)rights & 0xFFF) | Present;
        if (((ulong)rights & (ulong)PageRights.Execute) == 0)
        {
            entry |= s_noExecute;
        }

        return (entry & ~(ulong)PageRights.Global) | (((ulong)rights & (ulong)PageRights.Global) != 0 ? s_global : 0);
    }

    [RequiresLock(nameof(s_lock))]
    private static ulong* Next(ulong* entry, bool create)
    {
        if ((*entry & Present) == 0)
        {
            if (!create)
            {
                return null;
            }

            ulong frame = s_allocateFrame();
            if (frame == 0)
            {
                return null;
            }

            // A walk without the lock, by the CPU too, finds the new table cleared.
            Volatile.Write(ref *entry, frame | Present | Writable);
        }

        return (ulong*)DirectMap.ToVirtual(*entry & AddressMask);
    }

    [RequiresLock(nameof(s_lock))]
    private static ulong* FindEntry(ulong address, bool create)
    {
        ulong* table = s_root;
        for (int shift = 39; shift > 12; shift -= 9)
        {
            table = Next(&table[(address >> shift) & 511], create);
            if (table == null)
            {
                return null;
            }
        }

        return &table[(address >> 12) & 511];
    }

    [BeforePublication]
    private static void EnsureTop(ulong address, ulong bytes)
    {
        for (ulong offset = 0; offset <= bytes; offset += 1ul << 39)
        {
            Next(&s_root[((address + offset) >> 39) & 511], create: true);
        }
    }

    // The first 4 GiB are mapped whole, since device registers and firmware tables lie there; above, only what the firmware lists.
    [BeforePublication]
    private static void MapAllMemory()
    {
        MapDirect(0, 1ul << 32);
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (range.Kind != MemoryKind.Bad && range.End > 1ul << 32 && range.Kind != MemoryKind.Reserved)
            {
                MapDirect(range.Start < 1ul << 32 ? 1ul << 32 : range.Start, range.End);
            }
        }
    }

    [BeforePublication]
    private static void MapDirect(ulong start, ulong end)
    {
        const ulong megabytes2 = 1ul << 21;
        const ulong gigabyte = 1ul << 30;
        bool gigabytePages = CpuId.HasGigabytePages;
        ulong at = start & ~(megabytes2 - 1);
        while (at < end)
        {
            ulong address = DirectMap.Base + at;
            ulong* level3 = Next(&s_root[(address >> 39) & 511], create: true);
            ulong* entry3 = &level3[(address >> 30) & 511];
            ulong bits = Present | Writable | Large | s_noExecute | s_global;
            if (gigabytePages && (at & (gigabyte - 1)) == 0 && end - at >= gigabyte && (*entry3 & Present) == 0)
            {
                *entry3 = at | bits;
                at += gigabyte;
                continue;
            }

            if ((*entry3 & Large) == 0)
            {
                ulong* level2 = Next(entry3, create: true);
                level2[(address >> 21) & 511] = at | bits;
            }

            at += megabytes2;
        }
    }

    [BeforePublication]
    private static void MapImage()
    {
        MapImageRange(ImageLayout.TextStart, ImageLayout.TextEnd, PageRights.Read | PageRights.Execute);
        MapImageRange(ImageLayout.ReadOnlyStart, ImageLayout.ReadOnlyEnd, PageRights.Read);
        MapImageRange(ImageLayout.DataStart, ImageLayout.End, PageRights.Read | PageRights.Write);
    }

    [BeforePublication]
    private static void MapImageRange(ulong start, ulong end, PageRights rights)
    {
        for (ulong address = start; address < end; address += 4096)
        {
            ulong* entry = FindEntry(address, create: true);
            if ((*entry & Present) != 0)
            {
                Panic.Now("Two sections of the image share a page"u8);
            }

            *entry = Encode(address - ImageLayout.VirtualBase, rights | PageRights.Global);
        }
    }
}
