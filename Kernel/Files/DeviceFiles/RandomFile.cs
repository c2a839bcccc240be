using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>/dev/random and /dev/urandom, which are the same since the generator is always seeded (random(4)). What is written is not needed and is dropped.</summary>
internal sealed class RandomFile(in VfsPath path, Inode inode, OpenFlags flags) : OpenFile(path, inode, flags)
{
    private const uint GetEntropyCount = 0x8004_5200;
    private const int EntropyBits = 256;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        Span<byte> bytes = stackalloc byte[256];
        long total = 0;
        while (to.Remaining > 0)
        {
            Span<byte> part = bytes[..(int)Math.Min(bytes.Length, to.Remaining)];
            RandomSource.Fill(part);
            total += to.Write(part);
            if (to.Faulted)
            {
                total = total > 0 ? total : -(long)Errno.EFAULT;
                break;
            }
        }

        bytes.Clear();
        return total;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset) => from.Remaining;

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin) => origin is >= 0 and <= 2 ? 0 : -(long)Errno.EINVAL;

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument) =>
        request == GetEntropyCount ? Terminal.WriteNumber(argument, EntropyBits) : -(long)((TerminalRequest)request == TerminalRequest.TCGETS ? Errno.ENOTTY : Errno.EINVAL);
}
