using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Loading;

/// <summary>Reads a program's file through the pages that are mapped of it.</summary>
internal static class ObjectReader
{
    /// <summary>Copies bytes of an object. Task context.</summary>
    /// <param name="source">The object.</param>
    /// <param name="offset">Where it begins, bytes.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="count">Bytes copied: fewer only at the object's end.</param>
    /// <returns>ENOMEM, EIO.</returns>
    [MightSleep]
    public static Errno Read(MappedObject source, ulong offset, Span<byte> to, out int count)
    {
        count = 0;
        ulong size = source.Size;
        if (offset >= size)
        {
            return Errno.Ok;
        }

        int length = (int)Math.Min((ulong)to.Length, size - offset);
        while (count < length)
        {
            ulong at = offset + (ulong)count;
            Errno error = source.TryGetPage(at / Page.Size, forWrite: false, out Page page);
            if (error != Errno.Ok)
            {
                // Truncated meanwhile: the end.
                return error == Errno.ENOMEM ? error : error == Errno.EFAULT ? Errno.Ok : Errno.EIO;
            }

            int inPage = (int)(at % Page.Size);
            int part = Math.Min(length - count, Page.Size - inPage);
            page.Read(inPage, to.Slice(count, part));
            page.Release();
            count += part;
        }

        return Errno.Ok;
    }
}
