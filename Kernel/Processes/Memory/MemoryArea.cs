using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// A range of an address space whose pages have the same rights, flags and origin. Belongs to one <see cref="AddressSpace"/>, whose lock guards everything here: held to read, held for
/// writing to change. Areas that show an object are on the object's list, so their place changes only with that list held as well; <see cref="Forget"/> reads it with the list alone.
/// </summary>
[Owned]
internal sealed class MemoryArea : ObjectMapping
{
    // Written by faults, which hold the address space's lock for reading: goes from 0 to 1 only.
    private int _hasOwnPages;

    /// <summary>Makes an area that is in no address space yet.</summary>
    public MemoryArea(AddressSpace space)
    {
        Space = space;
    }

    /// <summary>Whose it is.</summary>
    public AddressSpace Space { get; }

    /// <summary>First address; a page's.</summary>
    public ulong Start { get; private set; }

    /// <summary>Address after the last one.</summary>
    public ulong End { get; private set; }

    /// <summary>Page of the object that the first page shows; of anonymous private memory, the number that the first page had when it was mapped.</summary>
    public ulong ObjectPage { get; private set; }

    /// <summary>What may be done.</summary>
    public MemoryProtection Protection { get; set; }

    /// <summary>What mprotect(2) may allow.</summary>
    public MemoryProtection MayProtection { get; set; }

    /// <summary>What it is.</summary>
    public AreaFlags Flags { get; set; }

    /// <summary>What it shows; null for private anonymous memory.</summary>
    public MappedObject? Object { get; set; }

    /// <summary>The open file that it was mapped from, for reports; null for anonymous memory.</summary>
    public OpenFile? File { get; set; }

    /// <summary>A name for /proc that stands in brackets; null for none.</summary>
    public string? Label { get; set; }

    /// <summary>Bytes.</summary>
    public ulong Bytes => End - Start;

    /// <summary>Pages.</summary>
    public ulong Pages => (End - Start) >> AddressSpace.PageShift;

    /// <summary>Private memory may have pages here that are no object's: fork(2) must copy them. Never goes back to false while the area lives.</summary>
    public bool HasOwnPages
    {
        get => Volatile.Read(ref _hasOwnPages) != 0;
        set => Volatile.Write(ref _hasOwnPages, value ? 1 : 0);
    }

    /// <summary>Shared between all that map the object.</summary>
    public bool IsShared => (Flags & AreaFlags.Shared) != 0;

    /// <summary>Shared, and may be written to now or after mprotect(2).</summary>
    public bool IsSharedWritable => IsShared && (MayProtection & MemoryProtection.Write) != 0;

    /// <summary>Counts as data (RLIMIT_DATA): private and writable, not a stack.</summary>
    public bool IsData => IsDataOf(Protection, Flags);

    /// <summary>End of what may lie below: a guard gap stays free under what grows down.</summary>
    public ulong GapEnd =>
        (Flags & AreaFlags.GrowsDown) == 0 ? Start : Start > AreaTree.GuardGap ? Start - AreaTree.GuardGap : 0;

    // ---- The tree's ----

    /// <summary>Subtree of lower addresses.</summary>
    internal MemoryArea? Left { get; set; }

    /// <summary>Subtree of higher addresses.</summary>
    internal MemoryArea? Right { get; set; }

    /// <summary>Node above.</summary>
    internal MemoryArea? Parent { get; set; }

    /// <summary>The next lower area.</summary>
    internal MemoryArea? Previous { get; set; }

    /// <summary>The next higher area.</summary>
    internal MemoryArea? Next { get; set; }

    /// <summary>The treap's order from top to bottom.</summary>
    internal uint Priority { get; set; }

    /// <summary>Free bytes between the previous area and <see cref="GapEnd"/>.</summary>
    internal ulong Gap { get; set; }

    /// <summary>The largest <see cref="Gap"/> of the subtree.</summary>
    internal ulong LargestGap { get; set; }

    /// <summary>Whether memory of this kind counts as data.</summary>
    public static bool IsDataOf(MemoryProtection protection, AreaFlags flags) =>
        (protection & MemoryProtection.Write) != 0 && (flags & (AreaFlags.Shared | AreaFlags.GrowsDown)) == 0;

    /// <summary>Sets the place while no one else sees the area.</summary>
    public void Place(ulong start, ulong end, ulong objectPage)
    {
        Start = start;
        End = end;
        ObjectPage = objectPage;
    }

    /// <summary>Moves the start and the end; the pages between stay where they are. The tree must be told.</summary>
    [MightSleep]
    public void Resize(ulong start, ulong end)
    {
        ulong objectPage = unchecked(ObjectPage + (ulong)((long)(start - Start) >> AddressSpace.PageShift));
        if (Object is { } shown)
        {
            using (shown.HoldMappings())
            {
                Place(start, end, objectPage);
            }
        }
        else
        {
            Place(start, end, objectPage);
        }
    }

    /// <summary>Moves the end, as <see cref="Resize"/> does.</summary>
    [MightSleep]
    public void ResizeTo(ulong end) => Resize(Start, end);

    /// <summary>Page of the object for an address of the area.</summary>
    public ulong ObjectPageOf([UserAddress] ulong address) => ObjectPage + ((address - Start) >> AddressSpace.PageShift);

    /// <summary>Takes over all but the place, with references of its own to the object and the file. Not on the object's list yet.</summary>
    [MightSleep]
    public void CopyFrom(MemoryArea other)
    {
        Object = other.Object;
        File = other.File;

        Protection = other.Protection;
        MayProtection = other.MayProtection;
        Flags = other.Flags;
        Label = other.Label;
        HasOwnPages = other.HasOwnPages;
        Object?.ContinueMapping(IsSharedWritable);
        File?.AddReference();
    }

    /// <summary>Gives back the references to the object and the file: the area is in no address space and on no list any more. Task context, no lock held.</summary>
    [MightSleep]
    public void Drop()
    {
        Object?.EndMapping(IsSharedWritable);
        File?.Release();
        Object = null;
        File = null;
    }

    /// <summary>Together with the area that follows directly, this could be one area.</summary>
    public bool CanJoin(MemoryArea next) =>
        End == next.Start && CanJoin(next.Protection, next.MayProtection, next.Flags, next.Object, next.File, next.ObjectPage);

    /// <summary>A mapping of this kind that follows directly could be part of this area.</summary>
    public bool CanJoin(MemoryProtection protection, MemoryProtection may, AreaFlags flags, MappedObject? shown, OpenFile? file, ulong objectPage) =>
        Protection == protection
        && MayProtection == may
        && Flags == flags
        && (flags & AreaFlags.Special) == 0
        && ReferenceEquals(Object, shown)
        && ReferenceEquals(File, file)
        && unchecked(ObjectPage + Pages) == objectPage;

    /// <inheritdoc/>
    public override void Forget(ulong firstPage, ulong endPage, bool alsoCopies)
    {
        ulong begin = ObjectPage;
        ulong end = begin + Pages;
        ulong first = firstPage > begin ? firstPage : begin;
        ulong last = endPage < end ? endPage : end;
        if (first < last)
        {
            ulong from = Start + ((first - begin) << AddressSpace.PageShift);
            ulong to = Start + ((last - begin) << AddressSpace.PageShift);
            Space.ForgetPages(from, to, alsoCopies || IsShared);
        }
    }
}
