using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Files.Block.Loop;

// What the device's task does with the file.
internal sealed partial class LoopDriver
{
    [MightSleep]
    private void Run(OpenFile file, byte[] buffer, BlockSegment[] segments)
    {
        try
        {
            while (_queue.Take() is { } request)
            {
                request.Complete(TryExecute(file, request, buffer, segments));
            }
        }
        finally
        {
            _ended.Complete();
        }
    }

    // Whatever the file system throws, the request ends, and the next one comes.
    [MightSleep]
    private Errno TryExecute(OpenFile file, BlockRequest request, byte[] buffer, BlockSegment[] segments)
    {
        try
        {
            return Execute(file, request, buffer, segments);
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM;
        }
        catch (Exception exception)
        {
            KernelLog.Write(LogLevel.Error, $"{Disk!.Name}: {request.Operation} of sector {request.Sector}: {exception}");
            return Errno.EIO;
        }
    }

    [MightSleep]
    private Errno Execute(OpenFile file, BlockRequest request, byte[] buffer, BlockSegment[] segments)
    {
        const int KeepSize = 1;
        const int PunchHole = 2;
        if (request.Operation == BlockOperation.Flush)
        {
            return file.Sync() == Errno.Ok ? Errno.Ok : Errno.EIO;
        }

        using (_windowLock.Enter())
        {
            // Handed in before the window became smaller. What lies inside of it lies inside of what the file had, so the sum is an offset, too.
            if (request.Sector + request.Sectors > (ulong)_sectors)
            {
                return Errno.EIO;
            }

            long offset = (long)_information.Offset + ((long)request.Sector * DiskOptions.SectorBytes);
            return request.Operation switch
            {
                BlockOperation.Read => Read(file, offset, buffer.AsSpan(0, request.Bytes), segments.AsSpan(0, request.CopySegments(segments))),
                BlockOperation.Write => Write(file, offset, buffer.AsSpan(0, request.Bytes), segments.AsSpan(0, request.CopySegments(segments))),
                _ => file.Allocate(KeepSize | PunchHole, offset, (long)request.Sectors * DiskOptions.SectorBytes) == Errno.Ok ? Errno.Ok : Errno.EOPNOTSUPP,
            };
        }
    }

    [MightSleep]
    private static Errno Read(OpenFile file, long offset, Span<byte> buffer, ReadOnlySpan<BlockSegment> segments)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            var sink = new DataSink(buffer[total..]);
            long done = file.Read(ref sink, offset + total);
            if (done < 0)
            {
                return Errno.EIO;
            }

            if (done == 0)
            {
                break;
            }

            total += (int)done;
        }

        // A file that has become shorter reads as zeros behind its end, and only there.
        if (total < buffer.Length && offset + total < file.Inode.Size)
        {
            return Errno.EIO;
        }

        buffer[total..].Clear();
        int at = 0;
        foreach (BlockSegment segment in segments)
        {
            segment.Write(0, buffer.Slice(at, segment.Length));
            at += segment.Length;
        }

        return Errno.Ok;
    }

    [MightSleep]
    private static Errno Write(OpenFile file, long offset, Span<byte> buffer, ReadOnlySpan<BlockSegment> segments)
    {
        int at = 0;
        foreach (BlockSegment segment in segments)
        {
            segment.Read(0, buffer.Slice(at, segment.Length));
            at += segment.Length;
        }

        int total = 0;
        while (total < buffer.Length)
        {
            var source = new DataSource(buffer[total..]);
            long done = file.Write(ref source, offset + total);
            if (done <= 0)
            {
                return done is 0 or -(long)Errno.ENOSPC ? Errno.ENOSPC : Errno.EIO;
            }

            total += (int)done;
        }

        return Errno.Ok;
    }
}
