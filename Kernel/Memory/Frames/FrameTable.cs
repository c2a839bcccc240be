using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Memory.Frames;

/// <summary>
/// The array of frame descriptors, indexed by physical address / 4096, at <see cref="PageTables.FrameDescriptorBase"/>. Only sections of 4 MiB of physical
/// memory that hold some RAM have descriptors: a bitmap tells which, so memory with large holes costs nothing for the holes.
/// Built once at boot, constant afterwards; all conversions may be called from any context.
/// </summary>
[Immutable]
public static unsafe class FrameTable
{
    /// <summary>Binary logarithm of the bytes of a section, which is the buddy allocator's largest block: so a frame's buddy always has a descriptor.</summary>
    internal const int SectionShift = 22;

    /// <summary>Bytes of memory in a section.</summary>
    public const ulong SectionBytes = 1ul << SectionShift;

    private const int SectionFrames = 1 << (SectionShift - Frame.Shift);

    private static ulong* s_sections;
    private static nuint s_sectionCount;

    /// <summary>Where the last section ends: no physical address from here on has a descriptor.</summary>
    public static ulong End => (ulong)s_sectionCount << SectionShift;

    /// <summary>The descriptor of the frame at physical address 0, which need not be mapped.</summary>
    public static Frame* Base => (Frame*)PageTables.FrameDescriptorBase;

    /// <summary>Bytes of memory that the descriptors take.</summary>
    public static nuint DescriptorBytes { get; private set; }

    /// <summary>The frame's number: its physical address / 4096.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint NumberOf(Frame* frame) => (nuint)((byte*)frame - (byte*)Base) / Frame.Bytes;

    /// <summary>The physical address of the frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PhysicalOf(Frame* frame) => (ulong)NumberOf(frame) << Frame.Shift;

    /// <summary>The kernel's address of the frame's memory, in the direct map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AddressOf(Frame* frame) => DirectMap.ToVirtual(PhysicalOf(frame));

    /// <summary>The descriptor for a physical address of RAM.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Frame* OfPhysical(ulong physical) => Base + (physical >> Frame.Shift);

    /// <summary>The descriptor for an address of the direct map that is RAM.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Frame* OfAddress(void* address) => OfPhysical(DirectMap.ToPhysical(address));

    /// <summary>The descriptor for a number that may be anything; null when it is no address of RAM in the direct map.</summary>
    public static Frame* Find(ulong address)
    {
        if (!DirectMap.Contains(address))
        {
            return null;
        }

        ulong physical = DirectMap.ToPhysical((void*)address);
        return HasDescriptor(physical) ? OfPhysical(physical) : null;
    }

    /// <summary>Whether a physical address has a descriptor.</summary>
    public static bool HasDescriptor(ulong physical)
    {
        ulong section = physical >> SectionShift;
        return section < s_sectionCount && (s_sections[section >> 6] & (1ul << (int)(section & 63))) != 0;
    }

    /// <summary>Maps descriptors for all memory that is usable or becomes so, from early frames. Boot CPU, once.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        ulong end = 0;
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            end = IsMemory(range.Kind) && range.End > end ? range.End : end;
        }

        DescriptorBytes = 0;
        s_sectionCount = (nuint)((end + (1ul << SectionShift) - 1) >> SectionShift);
        nuint bitmapBytes = ((s_sectionCount + 63) / 64) * 8;
        s_sections = (ulong*)DirectMap.ToVirtual(EarlyFrames.Allocate((bitmapBytes + Frame.Size - 1) / Frame.Size));
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (IsMemory(range.Kind))
            {
                AddSections(range.Start, range.End);
            }
        }
    }

    private static bool IsMemory(MemoryKind kind) => kind is MemoryKind.Usable or MemoryKind.AcpiReclaimable;

    [BeforePublication]
    private static void AddSections(ulong start, ulong end)
    {
        for (ulong section = start >> SectionShift; section << SectionShift < end; section++)
        {
            ulong bit = 1ul << (int)(section & 63);
            if ((s_sections[section >> 6] & bit) == 0)
            {
                s_sections[section >> 6] |= bit;
                MapSection(section);
            }
        }
    }

    [BeforePublication]
    private static void MapSection(ulong section)
    {
        const ulong bytes = (ulong)SectionFrames * Frame.Bytes;
        ulong address = PageTables.FrameDescriptorBase + (section * bytes);
        ulong physical = EarlyFrames.Allocate(bytes / Frame.Size);
        for (ulong offset = 0; offset < bytes; offset += Frame.Size)
        {
            if (!PageTables.Map(address + offset, physical + offset, PageRights.Read | PageRights.Write | PageRights.Global))
            {
                Panic.Now("The frame descriptors could not be mapped"u8);
            }
        }

        DescriptorBytes += (nuint)bytes;
    }
}
