using System.Collections.Generic;
using System.Linq;

namespace CosmosKernel.Memory.User;

/// <summary>The kernel's store of pages as a dictionary.</summary>
public sealed class PageStore
{
    private readonly SortedDictionary<ulong, Page> _pages = [];

    public ulong Count => (ulong)_pages.Count;

    public bool TryGet(ulong index, out Page page) => _pages.TryGetValue(index, out page);

    public bool TryAdd(ulong index, Page page) => _pages.TryAdd(index, page);

    public ulong RemoveRange(ulong first, ulong end)
    {
        List<ulong> gone = [.. _pages.Keys.Where(index => index >= first && index < end)];
        foreach (ulong index in gone)
        {
            _pages[index].Release();
            _pages.Remove(index);
        }

        return (ulong)gone.Count;
    }

    public bool TryFindNext(ulong from, out ulong index, out Page page)
    {
        foreach (KeyValuePair<ulong, Page> pair in _pages)
        {
            if (pair.Key >= from)
            {
                index = pair.Key;
                page = pair.Value;
                return true;
            }
        }

        index = 0;
        page = default;
        return false;
    }
}
