using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Events;

/// <summary>eventfd(2): a 64-bit count that writes add to and reads take away.</summary>
public sealed class EventCounter : OpenFile
{
    private const int Bytes = 8;
    private const ulong Most = ulong.MaxValue - 1;

    private readonly PollQueue _readers = new("eventfd read");
    private readonly PollQueue _writers = new("eventfd write");
    private readonly bool _isSemaphore;
    private IrqSpinLock _lock = new(LockClass.EventFile);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _count;

    /// <summary>Makes one with one reference. Task context.</summary>
    /// <param name="count">What it begins with.</param>
    /// <param name="isSemaphore">EFD_SEMAPHORE: a read takes 1.</param>
    /// <param name="flags">O_NONBLOCK or none.</param>
    public EventCounter(uint count, bool isSemaphore, OpenFlags flags)
        : base(default, AnonymousInode.Instance, flags | OpenFlags.ReadWrite)
    {
        _count = count;
        _isSemaphore = isSemaphore;
    }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[eventfd]";

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining < Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (!TryTake(out ulong taken))
        {
            if (IsNonBlocking)
            {
                return -(long)Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = _readers.Begin(exclusive: true);
            while (true)
            {
                wait.Prepare();
                if (TryTake(out taken))
                {
                    break;
                }

                if (wait.Sleep() != WaitResult.Woken)
                {
                    return -(long)Errno.ERESTARTSYS;
                }
            }
        }

        _writers.Wake(PollEvents.Writable);
        System.Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, taken);
        to.Write(bytes);
        return to.Faulted ? -(long)Errno.EFAULT : Bytes;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        if (from.Remaining < Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        System.Span<byte> bytes = stackalloc byte[Bytes];
        if (from.Read(bytes) < Bytes)
        {
            return -(long)Errno.EFAULT;
        }

        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (value > Most)
        {
            return -(long)Errno.EINVAL;
        }

        if (!TryAdd(value))
        {
            if (IsNonBlocking)
            {
                return -(long)Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = _writers.Begin(exclusive: true);
            while (true)
            {
                wait.Prepare();
                if (TryAdd(value))
                {
                    break;
                }

                if (wait.Sleep() != WaitResult.Woken)
                {
                    return -(long)Errno.ERESTARTSYS;
                }
            }
        }

        _readers.Wake(PollEvents.Readable);
        return Bytes;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        _readers.Attach(watcher);
        _writers.Attach(watcher);
        ulong count = Volatile.Read(ref _count);
        return (count > 0 ? PollEvents.Readable : PollEvents.None) | (count < Most ? PollEvents.Writable : PollEvents.None);
    }

    private bool TryTake(out ulong taken)
    {
        using (_lock.Enter())
        {
            taken = _isSemaphore && _count > 0 ? 1 : _count;
            Volatile.Write(ref _count, _count - taken);
            return taken > 0;
        }
    }

    private bool TryAdd(ulong value)
    {
        using (_lock.Enter())
        {
            if (value > Most - _count)
            {
                return false;
            }

            Volatile.Write(ref _count, _count + value);
            return true;
        }
    }
}
