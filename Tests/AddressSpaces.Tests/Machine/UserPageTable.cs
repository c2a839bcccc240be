using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Memory.User;

/// <summary>The kernel's page table as a dictionary: the same rules, no CPUs.</summary>
public sealed class UserPageTable
{
    private readonly SortedDictionary<ulong, Entry> _entries = [];
    private readonly ulong[] _kinds = new ulong[4];

    public ulong MappedPages => (ulong)_entries.Count;

    public ulong TableBytes => 4096;

    /// <summary>Called when a page is about to be entered: what another CPU might do before.</summary>
    public Action<ulong>? Mapping { get; set; }

    /// <summary>Called when a page was not entered because one was there: what another CPU might do then.</summary>
    public Action<ulong>? Refused { get; set; }

    /// <summary>Called when a page was entered, before the caller goes on: what another CPU might do then.</summary>
    public Action<ulong>? Mapped { get; set; }

    public ulong CountOf(UserPageKind kind) => _kinds[(int)kind];

    public static UserPageTable TryCreate() => new();

    public static void Detach(MachineThread thread)
    {
    }

    public void AttachTo(MachineThread thread)
    {
    }

    public void Destroy() => Unmap(0, UserMemory.Limit);

    public bool TryMap(ulong address, Page page, UserRights rights, bool shared = false, UserPageKind kind = UserPageKind.Anonymous) =>
        TryMap(address, page, rights, out _, shared, kind);

    public bool TryMap(ulong address, Page page, UserRights rights, out bool isTaken, bool shared = false, UserPageKind kind = UserPageKind.Anonymous)
    {
        Verify(address);
        Mapping?.Invoke(address);
        isTaken = _entries.ContainsKey(address);
        if (isTaken)
        {
            // A fault beside this one was quicker; what it mapped may be gone before anybody looks again.
            Refused?.Invoke(address);
            return false;
        }

        if (!_entries.TryAdd(address, new Entry(page, rights, shared, kind)))
        {
            return false;
        }

        Count(page, kind, 1);
        Mapped?.Invoke(address);
        return true;
    }

    public bool TryMapDevice(ulong address, DevicePages pages, ulong index, UserRights rights, out bool isTaken)
    {
        Verify(address);
        isTaken = index < pages.Count && _entries.ContainsKey(address);
        bool maps = index < pages.Count && !isTaken;
        if (maps)
        {
            _entries.Add(address, new Entry(default, rights, IsShared: true, UserPageKind.Device));
            _kinds[(int)UserPageKind.Device]++;
        }

        return maps;
    }

    public bool IsDeviceAt(ulong address) => _entries.TryGetValue(address, out Entry? entry) && entry.Kind == UserPageKind.Device;

    public bool TryTakeForTransfer(ulong address, bool forWrite, out Page page)
    {
        UserRights wanted = forWrite ? UserRights.Read | UserRights.Write : UserRights.Read;
        bool found = TryFind(address, out page, out UserRights rights, out _, out _) && (rights & wanted) == wanted
            && _entries[address].Kind is UserPageKind.Anonymous or UserPageKind.SharedMemory;
        if (found && forWrite)
        {
            page.Pin();
        }
        else if (found)
        {
            page.AddReference();
        }

        return found;
    }

    public bool TryTake(ulong address, out Page page, out UserRights rights)
    {
        bool found = TryFind(address, out page, out rights, out _, out _);
        if (found)
        {
            page.AddReference();
        }

        return found;
    }

    public bool TryFindNext(ref ulong address, ulong end, out Page page, out bool dirty, out bool accessed)
    {
        dirty = false;
        accessed = false;
        foreach ((ulong place, Entry entry) in Within(address, end).Where(static one => one.Entry.Kind != UserPageKind.Device))
        {
            address = place;
            page = entry.Page;
            return true;
        }

        address = Math.Max(address, end);
        page = default;
        return false;
    }

    public bool TryFind(ulong address, out Page page, out UserRights rights, out bool dirty, out bool accessed)
    {
        bool found = _entries.TryGetValue(address, out Entry? entry) && entry.Kind != UserPageKind.Device;
        entry = found ? entry : null;
        page = entry?.Page ?? default;
        rights = entry?.Rights ?? UserRights.None;
        dirty = false;
        accessed = false;
        return found;
    }

    public bool Replace(ulong address, Page expected, Page page, UserRights rights)
    {
        if (!_entries.TryGetValue(address, out Entry? entry) || entry.Kind == UserPageKind.Device || entry.Page != expected)
        {
            return false;
        }

        if (page == expected)
        {
            _entries[address] = entry with { Rights = rights };
            return true;
        }

        Count(entry.Page, entry.Kind, -1);
        _entries[address] = new Entry(page, rights, entry.IsShared, UserPageKind.Anonymous);
        Count(page, UserPageKind.Anonymous, 1);
        entry.Page.Release();
        return true;
    }

    public void Unmap(ulong start, ulong end, bool keepAnonymous = false)
    {
        Verify(start);
        Verify(end);
        foreach ((ulong address, Entry entry) in Within(start, end))
        {
            if (!keepAnonymous || entry.Kind != UserPageKind.Anonymous)
            {
                _entries.Remove(address);
                Count(entry.Page, entry.Kind, -1);
                if (entry.Kind != UserPageKind.Device)
                {
                    entry.Page.Release();
                }
            }
        }
    }

    public void Protect(ulong start, ulong end, UserRights rights)
    {
        foreach ((ulong address, Entry entry) in Within(start, end))
        {
            bool mayWrite = entry.IsShared || (entry.Rights & UserRights.Write) != 0;
            _entries[address] = entry with { Rights = mayWrite ? rights : rights & ~UserRights.Write };
        }
    }

    public bool Move(ulong from, ulong to, ulong bytes)
    {
        foreach ((ulong address, Entry entry) in Within(from, from + bytes))
        {
            _entries.Remove(address);
            _entries.Add(address - from + to, entry);
        }

        return true;
    }

    public bool TryCopyRange(UserPageTable to, ulong start, ulong end, bool copyOnWrite)
    {
        foreach ((ulong address, Entry entry) in Within(start, end))
        {
            if (copyOnWrite && !entry.IsShared && entry.Kind == UserPageKind.Anonymous && entry.Page.IsPinned)
            {
                if (!Page.TryAllocate(out Page own, cleared: false))
                {
                    return false;
                }

                own.CopyFrom(entry.Page);
                to._entries.Add(address, entry with { Page = own });
                to.Count(own, entry.Kind, 1);
                continue;
            }

            Entry copy = copyOnWrite && !entry.IsShared ? entry with { Rights = entry.Rights & ~UserRights.Write } : entry;
            _entries[address] = copy;
            if (entry.Kind != UserPageKind.Device)
            {
                entry.Page.AddReference();
            }

            to._entries.Add(address, copy);
            to.Count(entry.Page, entry.Kind, 1);
        }

        return true;
    }

    private static void Verify(ulong address)
    {
        if (address % Page.Size != 0 || address > UserMemory.Limit)
        {
            throw new ArgumentOutOfRangeException(nameof(address));
        }
    }

    private List<(ulong Address, Entry Entry)> Within(ulong start, ulong end) =>
        [.. _entries.Where(pair => pair.Key >= start && pair.Key < end).Select(pair => (pair.Key, pair.Value))];

    private void Count(Page page, UserPageKind kind, int change)
    {
        if (kind == UserPageKind.Device || !page.IsZero)
        {
            _kinds[(int)kind] += (ulong)change;
        }
    }

    private sealed record Entry(Page Page, UserRights Rights, bool IsShared, UserPageKind Kind);
}
