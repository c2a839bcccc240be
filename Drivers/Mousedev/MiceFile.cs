using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>An open /dev/input/mice: the byte stream of a PS/2 mouse.</summary>
/// <param name="readers">Everybody.</param>
/// <param name="reader">What this open file has not read.</param>
internal sealed class MiceFile(MiceReaders readers, MiceReader reader) : DeviceFile
{
    private const int Most = 64;

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining == 0)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[Most];
        bytes = bytes[..(int)Math.Min((long)to.Remaining, Most)];
        int count = readers.Read(reader, bytes);
        if (count == 0)
        {
            long error = WaitForBytes(bytes, out count);
            if (error != 0)
            {
                return error;
            }
        }

        to.Write(bytes[..count]);
        return to.Faulted ? -(long)Errno.EFAULT : count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        long count = 0;
        Span<byte> bytes = stackalloc byte[Most];
        while (from.Remaining > 0)
        {
            int read = (int)from.Read(bytes[..(int)Math.Min((long)from.Remaining, Most)]);
            if (read == 0)
            {
                return count > 0 ? count : -(long)Errno.EFAULT;
            }

            for (int i = 0; i < read; i++)
            {
                readers.Write(reader, bytes[i]);
            }

            count += read;
        }

        return count;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        reader.Queue.Attach(watcher);
        return PollEvents.Writable | (readers.HasData(reader) ? PollEvents.Readable : PollEvents.None);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed() => readers.Remove(reader);

    [MightSleep]
    private long WaitForBytes(Span<byte> bytes, out int count)
    {
        count = 0;
        if (IsNonBlocking)
        {
            return -(long)Errno.EAGAIN;
        }

        using WaitQueue.Wait wait = reader.Queue.Begin();
        while (true)
        {
            wait.Prepare();
            count = readers.Read(reader, bytes);
            if (count > 0)
            {
                return 0;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }
}
