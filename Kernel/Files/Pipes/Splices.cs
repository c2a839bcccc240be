using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Pipes;

/// <summary>
/// Moving data between files without user memory (splice(2), tee(2), sendfile(2), copy_file_range(2)). Bytes go through a buffer of one page; what the second file does not take stays in the first one. Task context.
/// </summary>
public static class Splices
{
    /// <summary>Copies from a file with a position to any other.</summary>
    /// <param name="from">Readable, seekable.</param>
    /// <param name="offset">Where in it; moved by what was copied.</param>
    /// <param name="to">Writable.</param>
    /// <param name="toOffset">Where in that, moved along; <see cref="OpenFile.AtPosition"/>: at its position.</param>
    /// <param name="count">Bytes at most.</param>
    /// <returns>Bytes, or a negative errno if none was copied.</returns>
    [MightSleep]
    public static long Copy(OpenFile from, ref long offset, OpenFile to, ref long toOffset, long count)
    {
        Span<byte> buffer = stackalloc byte[Page.Size];
        long total = 0;
        while (total < count)
        {
            Span<byte> part = buffer[..(int)Math.Min(count - total, buffer.Length)];
            var sink = new DataSink(part);
            long got = from.Read(ref sink, offset);
            if (got <= 0)
            {
                return total > 0 ? total : got;
            }

            long put = WriteAll(to, ref toOffset, part[..(int)got], out long error);
            offset += put;
            total += put;
            if (put < got)
            {
                return total > 0 ? total : error;
            }
        }

        return total;
    }

    /// <summary>Copies from a file with a position to a pipe, as much as it has room for.</summary>
    /// <param name="from">Readable, seekable.</param>
    /// <param name="offset">Where in it; moved by what was copied.</param>
    /// <param name="to">A pipe, writable.</param>
    /// <param name="count">Bytes at most.</param>
    /// <param name="waits">Waits for the first room.</param>
    /// <returns>Bytes, 0 at the end, or a negative errno if none was copied.</returns>
    [MightSleep]
    public static long ToPipe(OpenFile from, ref long offset, OpenFile to, long count, bool waits)
    {
        Pipe pipe = ((PipeFile)to).Pipe;
        long toOffset = OpenFile.AtPosition;
        long total = 0;
        while (total < count)
        {
            long ready = pipe.AwaitWritable(waits && total == 0);
            if (ready > 0)
            {
                ready = Copy(from, ref offset, to, ref toOffset, Math.Min(count - total, Page.Size));
            }

            if (ready <= 0)
            {
                return total > 0 ? total : ready;
            }

            total += ready;
        }

        return total;
    }

    /// <summary>Moves what a socket has to a pipe: waits for the first bytes, and takes no more than are there. A message is cut as read(2) cuts it.</summary>
    /// <param name="from">A socket.</param>
    /// <param name="to">A pipe, writable.</param>
    /// <param name="count">Bytes at most.</param>
    /// <param name="waitsForBytes">Waits for something to receive.</param>
    /// <param name="waitsForRoom">Waits for room in the pipe.</param>
    /// <returns>Bytes, 0 at the end, or a negative errno if none was moved.</returns>
    [MightSleep]
    public static long FromSocket(SocketFile from, OpenFile to, long count, bool waitsForBytes, bool waitsForRoom)
    {
        Pipe pipe = ((PipeFile)to).Pipe;
        Span<byte> buffer = stackalloc byte[Page.Size];
        long total = 0;
        long offset = OpenFile.AtPosition;
        while (total < count)
        {
            long ready = pipe.AwaitWritable(waitsForRoom && total == 0);
            if (ready > 0)
            {
                var sink = new DataSink(buffer[..(int)Math.Min(count - total, buffer.Length)]);
                IncomingMessage message = default;
                ready = from.Socket.Receive(ref sink, ref message, waitsForBytes && total == 0 ? MessageFlags.None : MessageFlags.DontWait);
                message.Files?.Release();
            }

            if (ready <= 0)
            {
                return total > 0 ? total : ready;
            }

            long put = WriteAll(to, ref offset, buffer[..(int)ready], out long error);
            total += put;
            if (put < ready)
            {
                return total > 0 ? total : error;
            }
        }

        return total;
    }

    /// <summary>Moves bytes from a pipe to any other file.</summary>
    /// <param name="from">A pipe, readable.</param>
    /// <param name="to">Writable.</param>
    /// <param name="toOffset">As for <see cref="Copy"/>.</param>
    /// <param name="count">Bytes at most.</param>
    /// <param name="waits">Waits for the first bytes.</param>
    /// <returns>Bytes, 0 at the end, or a negative errno if none was moved.</returns>
    [MightSleep]
    public static long FromPipe(OpenFile from, OpenFile to, ref long toOffset, long count, bool waits)
    {
        Pipe pipe = ((PipeFile)from).Pipe;
        Span<byte> buffer = stackalloc byte[Page.Size];
        long total = 0;
        while (total < count)
        {
            // Where the bytes go must have room, or they would have to be put back again and again.
            long ready = to is PipeFile other ? other.Pipe.AwaitWritable(waits && total == 0) : 1;
            if (ready > 0)
            {
                ready = pipe.Take((int)Math.Min(count - total, Page.Size), waits && total == 0, out Page page, out int offset, out int length);
                if (ready > 0)
                {
                    // Between pipes the page itself moves.
                    if (to is PipeFile next && next.Pipe.TryAdd(page, offset, length, (to.Flags & OpenFlags.Direct) != 0))
                    {
                        total += length;
                        continue;
                    }

                    page.Read(offset, buffer[..length]);
                    long put = WriteAll(to, ref toOffset, buffer[..length], out long error);
                    total += put;
                    if (put < length)
                    {
                        pipe.PutBack(page, offset + (int)put, length - (int)put);
                        return total > 0 ? total : error;
                    }

                    page.Release();
                    continue;
                }
            }

            return total > 0 ? total : ready;
        }

        return total;
    }

    /// <summary>Copies bytes from one pipe to another; they stay in the first one, and no byte is copied: the pipes share pages.</summary>
    /// <param name="from">A pipe, readable.</param>
    /// <param name="to">Another pipe, writable.</param>
    /// <param name="count">Bytes at most.</param>
    /// <param name="waits">Waits until there are bytes and room.</param>
    /// <returns>Bytes, 0 at the end, or a negative errno; -EINVAL: the same pipe.</returns>
    [MightSleep]
    public static long Tee(OpenFile from, OpenFile to, long count, bool waits)
    {
        Pipe source = ((PipeFile)from).Pipe;
        Pipe target = ((PipeFile)to).Pipe;
        if (ReferenceEquals(source, target))
        {
            return -(long)Errno.EINVAL;
        }

        while (true)
        {
            long ready = source.AwaitReadable(waits);
            if (ready > 0)
            {
                ready = target.AwaitWritable(waits);
            }

            if (ready <= 0)
            {
                return ready;
            }

            // Another reader or writer may have been quicker.
            long shared = source.Share(count, target);
            if (shared > 0)
            {
                return shared;
            }
        }
    }

    [MightSleep]
    private static long WriteAll(OpenFile to, ref long offset, ReadOnlySpan<byte> bytes, out long error)
    {
        var source = new DataSource(bytes);
        long total = 0;
        error = 0;
        while (total < bytes.Length)
        {
            long put = to.Write(ref source, offset);
            if (put <= 0)
            {
                error = put;
                break;
            }

            total += put;
            offset += offset >= 0 ? put : 0;
        }

        return total;
    }
}
