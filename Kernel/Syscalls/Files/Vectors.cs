using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Syscalls.Files;

/// <summary>The iovec of readv(2) and its relatives.</summary>
internal static class Vectors
{
    /// <summary>Vectors of up to so many parts are read without allocation.</summary>
    public const int Few = 8;

    /// <summary>Reads and checks a vector.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="count">How many parts.</param>
    /// <param name="few">Room for <see cref="Few"/>.</param>
    /// <param name="vectors">The parts.</param>
    /// <param name="bytes">Their sum, cut to what one transfer may have.</param>
    /// <returns>EINVAL; EFAULT.</returns>
    [MightSleep]
    public static Errno Read([UserAddress] ulong address, ulong count, Span<IoVector> few, out ReadOnlySpan<IoVector> vectors, out long bytes)
    {
        vectors = default;
        bytes = 0;
        if (count > PathLimits.VectorMaximum)
        {
            return Errno.EINVAL;
        }

        Span<IoVector> all = count <= Few ? few[..(int)count] : new IoVector[count];
        var pointer = new UserPointer<IoVector>(address);
        for (int i = 0; i < all.Length; i++)
        {
            if (!pointer.At(i).TryRead(out all[i]))
            {
                return Errno.EFAULT;
            }

            if ((long)all[i].Bytes < 0)
            {
                return Errno.EINVAL;
            }

            if (!UserMemory.IsRange(all[i].Address, all[i].Bytes))
            {
                return Errno.EFAULT;
            }

            bytes = Math.Min(bytes + (long)Math.Min(all[i].Bytes, PathLimits.TransferMaximum), PathLimits.TransferMaximum);
        }

        vectors = all;
        return Errno.Ok;
    }
}
