using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

// What others see: another task's memory, and areas for /proc.
public sealed partial class AddressSpace
{
    /// <summary>Reads memory of this address space, whoever runs (process_vm_readv(2), /proc/PID/cmdline). The caller is one of its users. Task context; no page fault of the running task's is taken.</summary>
    /// <returns>Bytes before the first one that cannot be read.</returns>
    [MightSleep]
    public int ReadRemote(ulong address, Span<byte> to)
    {
        int done = 0;
        while (done < to.Length && TryTakePage(address + (ulong)done, UserAccessKind.Read, out Page page, out _))
        {
            int offset = (int)((address + (ulong)done) & (PageBytes - 1));
            int count = Math.Min(to.Length - done, (int)PageBytes - offset);
            page.Read(offset, to.Slice(done, count));
            page.Release();
            done += count;
        }

        return done;
    }

    /// <summary>Writes memory of this address space, whoever runs (process_vm_writev(2), the loader). As <see cref="ReadRemote"/>.</summary>
    /// <returns>Bytes before the first one that cannot be written.</returns>
    [MightSleep]
    public int WriteRemote(ulong address, ReadOnlySpan<byte> from)
    {
        int done = 0;
        while (done < from.Length && HandleFault(address + (ulong)done, UserAccessKind.Write, out _))
        {
            int offset = (int)((address + (ulong)done) & (PageBytes - 1));
            int count = Math.Min(from.Length - done, (int)PageBytes - offset);
            if (TryWritePage(address + (ulong)done, offset, from.Slice(done, count)))
            {
                done += count;
            }
            else if (_pages.IsDeviceAt(PageDown(address + (ulong)done)))
            {
                break;
            }
        }

        return done;
    }

    // With the lock held for reading no fork is under way: after one, parent and child would share the page, and the write would reach both.
    [MightSleep]
    private bool TryWritePage(ulong address, int offset, ReadOnlySpan<byte> from)
    {
        using (_lock.EnterRead())
        {
            if (!_pages.TryTake(PageDown(address), out Page page, out UserRights rights))
            {
                return false;
            }

            bool isWritable = (rights & UserRights.Write) != 0;
            if (isWritable)
            {
                page.Write(offset, from);
            }

            page.Release();
            return isWritable;
        }
    }

    /// <summary>Finds the page of an address, faulting it in. Task context.</summary>
    /// <param name="address">Any address.</param>
    /// <param name="access">What will be done with it: for writing a private page is copied.</param>
    /// <param name="page">The page, with a reference for the caller.</param>
    /// <param name="error">Why not.</param>
    /// <returns>False when the access is not allowed or cannot be satisfied.</returns>
    [MightSleep]
    public bool TryTakePage(ulong address, UserAccessKind access, out Page page, out FaultError error)
    {
        UserRights needed = access switch
        {
            UserAccessKind.Write => UserRights.Write,
            UserAccessKind.Execute => UserRights.Execute,
            _ => UserRights.Read,
        };
        while (true)
        {
            if (!HandleFault(address, access, out error))
            {
                page = default;
                return false;
            }

            if (_pages.TryTake(PageDown(address), out page, out UserRights rights))
            {
                if ((rights & needed) != 0)
                {
                    return true;
                }

                page.Release();
            }
            else if (_pages.IsDeviceAt(PageDown(address)))
            {
                // There is no page to take.
                error = FaultError.BusError;
                return false;
            }
        }
    }

    /// <summary>Tells of the first area that ends above an address: a walk goes on at the end of the one before. Task context.</summary>
    /// <returns>False when there is none.</returns>
    [MightSleep]
    public bool TryDescribe(ulong from, out AreaDescription description)
    {
        using (_lock.EnterRead())
        {
            MemoryArea? area = _areas.FindFrom(from);
            if (area is null)
            {
                description = default;
                return false;
            }

            // The area's reference keeps the file open only as long as the lock is held.
            area.File?.AddReference();
            description = new AreaDescription(
                area.Start,
                area.End,
                area.Protection,
                area.MayProtection,
                area.Flags,
                area.Object is null ? 0 : area.ObjectPage << PageShift,
                area.File,
                area.Object is SharedAnonymousMemory memory ? memory.Name : area.Label,
                area.Object is SharedAnonymousMemory numbered ? numbered.Number : 0);
            return true;
        }
    }

    /// <summary>Counts the pages that are mapped in a range, for smaps (proc(5)). Task context.</summary>
    [MightSleep]
    public AreaUse Measure(ulong start, ulong end)
    {
        AreaUse use = default;
        ulong at = PageDown(start);
        while (at < end)
        {
            using (_lock.EnterRead())
            {
                // A few pages at a time: others want the lock, too.
                for (int i = 0; i < 64 && _pages.TryFindNext(ref at, end, out Page page, out bool dirty, out bool accessed); i++)
                {
                    if (!page.IsZero)
                    {
                        use.Add(page.UnpinnedReferences > 1, dirty, accessed);
                    }

                    at += PageBytes;
                }
            }
        }

        return use;
    }
}
