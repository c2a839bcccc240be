using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Memory.User;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>A file's contents: page n holds n + 1 in each byte until it is written.</summary>
internal sealed class HostObject(ulong size) : MappedObject
{
    private readonly Dictionary<ulong, Page> _pages = [];
    private ulong _size = size;

    public override ulong Size => _size;

    public override bool IsSharedMemory => false;

    public int Holders { get; private set; }

    public override Errno TryGetPage(ulong index, bool forWrite, out Page page)
    {
        if (index * Page.Size >= _size)
        {
            page = default;
            return Errno.EFAULT;
        }

        if (!_pages.TryGetValue(index, out page))
        {
            if (!Page.TryAllocate(out page))
            {
                return Errno.ENOMEM;
            }

            page.Write(0, Enumerable.Repeat((byte)(index + 1), Page.Size).ToArray());
            _pages.Add(index, page);
        }

        page.AddReference();
        return Errno.Ok;
    }

    public override bool TryFindPage(ulong index, out Page page)
    {
        bool found = _pages.TryGetValue(index, out page);
        if (found)
        {
            page.AddReference();
        }

        return found;
    }

    public override Errno Punch(ulong firstPage, ulong endPage)
    {
        Drop(firstPage, endPage);
        ForgetPages(firstPage, endPage, alsoCopies: false);
        return Errno.Ok;
    }

    public void Truncate(ulong size)
    {
        _size = size;
        ulong first = (size + Page.Size - 1) / Page.Size;
        Drop(first, ulong.MaxValue);
        ForgetPages(first, ulong.MaxValue, alsoCopies: true);
    }

    /// <summary>Gives all pages back.</summary>
    public void Clear() => Drop(0, ulong.MaxValue);

    protected override void Hold() => Holders++;

    protected override void Drop() => Holders--;

    private void Drop(ulong first, ulong end)
    {
        foreach (ulong index in _pages.Keys.Where(index => index >= first && index < end).ToArray())
        {
            _pages[index].Release();
            _pages.Remove(index);
        }
    }
}
