using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/maps and smaps: an area a line, or with what is in memory of it; some areas at a time, so that the list may change while it is read.</summary>
internal sealed class MemoryMapFile : ProcFile
{
    private const int PieceBytes = 4096;
    private const int PathColumn = 73;

    private readonly bool _isDetailed;

    public MemoryMapFile(ProcFileSystem procfs, ulong number, ProcSubject subject, bool isDetailed)
        : base(procfs, number, 0x124, subject, isPrivate: true)
    {
        _isDetailed = isDetailed;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno Generate(TextBuilder to, ref long cursor, out bool isLast)
    {
        isLast = true;
        if (Subject.Thread?.Memory is not { } memory || !memory.TryAddUser())
        {
            return Subject.IsGone ? Errno.ESRCH : Errno.Ok;
        }

        try
        {
            isLast = !TryFill(to, memory, ref cursor);
        }
        finally
        {
            memory.ReleaseUser();
        }

        return Errno.Ok;
    }

    // Whole areas, as many as a page has room for, and at least one. False: the text ends here.
    [MightSleep]
    private bool TryFill(TextBuilder to, AddressSpace memory, ref long cursor)
    {
        ulong from = (ulong)cursor;
        while (memory.TryDescribe(from, out AreaDescription area))
        {
            int before = to.Length;
            try
            {
                Area(to, area);
                if (_isDetailed)
                {
                    Details(to, area, memory.Measure(area.Start, area.End));
                }
            }
            finally
            {
                area.File?.Release();
            }

            if (before > 0 && to.Length > PieceBytes)
            {
                to.Shorten(before);
                return true;
            }

            from = area.End;
            cursor = (long)from;
        }

        return false;
    }

    [MightSleep]
    private static void Area(TextBuilder to, in AreaDescription area)
    {
        int start = to.Length;
        bool isShared = (area.Flags & AreaFlags.Shared) != 0;
        to.AddHex(area.Start, 8).Add('-').AddHex(area.End, 8).Add(' ');
        to.Add((area.Protection & MemoryProtection.Read) != 0 ? 'r' : '-').Add((area.Protection & MemoryProtection.Write) != 0 ? 'w' : '-');
        to.Add((area.Protection & MemoryProtection.Execute) != 0 ? 'x' : '-').Add(isShared ? 's' : 'p').Add(' ');
        DeviceNumber device = default;
        ulong inode = 0;
        if (area.File is { } file)
        {
            file.Inode.GetAttributes(out InodeAttributes attributes);
            device = attributes.Device;
            inode = attributes.Number;
        }
        else if (area.Number != 0)
        {
            device = new DeviceNumber(0, 1);
            inode = area.Number;
        }

        to.AddHex(area.Offset, 8).Add(' ').AddHex(device.Major, 2).Add(':').AddHex(device.Minor, 2).Add(' ').Add(inode).Add(' ');
        if (area.File is { } named)
        {
            to.Fill(PathColumn - (to.Length - start), ' ');
            ProcPaths.Add(to, named);
        }
        else if (area.Label is { } label)
        {
            to.Fill(PathColumn - (to.Length - start), ' ').Add(label);
        }

        to.Line();
    }

    private static void Details(TextBuilder to, in AreaDescription area, in AreaUse use)
    {
        bool isAnonymous = area.File is null;
        Line(to, "Size:           "u8, (area.End - area.Start) / 4096);
        Line(to, "KernelPageSize: "u8, 1);
        Line(to, "MMUPageSize:    "u8, 1);
        Line(to, "Rss:            "u8, use.Resident);
        Line(to, "Pss:            "u8, use.PrivateClean + use.PrivateDirty + ((use.SharedClean + use.SharedDirty) / 2));
        Line(to, "Shared_Clean:   "u8, use.SharedClean);
        Line(to, "Shared_Dirty:   "u8, use.SharedDirty);
        Line(to, "Private_Clean:  "u8, use.PrivateClean);
        Line(to, "Private_Dirty:  "u8, use.PrivateDirty);
        Line(to, "Referenced:     "u8, use.Referenced);
        Line(to, "Anonymous:      "u8, isAnonymous ? use.Resident : use.PrivateDirty);
        Line(to, "LazyFree:       "u8, 0);
        Line(to, "AnonHugePages:  "u8, 0);
        Line(to, "ShmemPmdMapped: "u8, 0);
        Line(to, "FilePmdMapped:  "u8, 0);
        Line(to, "Shared_Hugetlb: "u8, 0);
        Line(to, "Private_Hugetlb:"u8, 0);
        Line(to, "Swap:           "u8, 0);
        Line(to, "SwapPss:        "u8, 0);
        Line(to, "Locked:         "u8, (area.Flags & AreaFlags.Locked) != 0 ? use.Resident : 0);
        to.Add("THPeligible:    0\nVmFlags: "u8);
        Flag(to, (area.Protection & MemoryProtection.Read) != 0, "rd "u8);
        Flag(to, (area.Protection & MemoryProtection.Write) != 0, "wr "u8);
        Flag(to, (area.Protection & MemoryProtection.Execute) != 0, "ex "u8);
        Flag(to, (area.Flags & AreaFlags.Shared) != 0, "sh "u8);
        Flag(to, (area.MayProtection & MemoryProtection.Read) != 0, "mr "u8);
        Flag(to, (area.MayProtection & MemoryProtection.Write) != 0, "mw "u8);
        Flag(to, (area.MayProtection & MemoryProtection.Execute) != 0, "me "u8);
        Flag(to, (area.Flags & AreaFlags.GrowsDown) != 0, "gd "u8);
        Flag(to, (area.Flags & AreaFlags.Locked) != 0, "lo "u8);
        Flag(to, (area.Flags & AreaFlags.Sequential) != 0, "sr "u8);
        Flag(to, (area.Flags & AreaFlags.Random) != 0, "rr "u8);
        Flag(to, (area.Flags & AreaFlags.DontFork) != 0, "dc "u8);
        Flag(to, (area.Flags & AreaFlags.NoReserve) != 0, "nr "u8);
        Flag(to, (area.Flags & AreaFlags.DontDump) != 0, "dd "u8);
        Flag(to, (area.Flags & AreaFlags.WipeOnFork) != 0, "wf "u8);
        to.Line();
    }

    // The label with its colon and spaces fills sixteen columns.
    private static void Line(TextBuilder to, ReadOnlySpan<byte> label, ulong pages) => to.Add(label).AddRight((long)pages * 4, 8).Add(" kB\n"u8);

    private static void Flag(TextBuilder to, bool isOn, ReadOnlySpan<byte> name)
    {
        if (isOn)
        {
            to.Add(name);
        }
    }
}
