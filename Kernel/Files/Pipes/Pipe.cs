using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Pipes;

/// <summary>
/// A pipe (pipe(7)): bytes, who waits for them, and how many ends of each kind are open. Writes of up to PIPE_BUF bytes are in one piece. Who waits does so without the lock.
/// </summary>
internal sealed partial class Pipe
{
    /// <summary>Pages of a new pipe: 64 KiB.</summary>
    public const int DefaultPages = 16;

    /// <summary>/proc/sys/fs/pipe-max-size.</summary>
    public const int MaximumBytes = 1 << 20;

    private static readonly LockClass s_class = LockClasses.Register("pipe");

    private readonly Mutex _lock = new("pipe", s_class);
    private readonly PollQueue _readers = new("pipe_read");
    private readonly PollQueue _writers = new("pipe_write");

    [GuardedBy(nameof(_lock))]
    private readonly PipeRing _ring = new(DefaultPages);

    [GuardedBy(nameof(_lock))]
    private int _readEnds;

    [GuardedBy(nameof(_lock))]
    private int _writeEnds;

    // How often an end was opened: who waits for the other side sees that it came, even if it has gone again.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private uint _readOpens;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private uint _writeOpens;

    // What who waits or polls looks at, since between the look and the sleep no lock can be waited for. Written before the wake-up.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _state = (int)PipeState.HasRoom;

    // A FIFO whose last end was closed: the next one makes another pipe.
    [GuardedBy(nameof(_lock))]
    private bool _isDead;

    /// <summary>An end for reading is open. Outdated at once.</summary>
    public bool HasReader => (State & PipeState.HasReader) != 0;

    /// <summary>Bytes that can be read now (FIONREAD).</summary>
    public long Bytes
    {
        [MightSleep]
        get
        {
            using (_lock.Enter())
            {
                return _ring.Bytes;
            }
        }
    }

    /// <summary>Bytes that it can hold (F_GETPIPE_SZ).</summary>
    public int CapacityBytes
    {
        [MightSleep]
        get
        {
            using (_lock.Enter())
            {
                return _ring.Capacity * Page.Size;
            }
        }
    }

    /// <summary>Changes what it can hold (F_SETPIPE_SZ).</summary>
    /// <param name="bytes">Rounded up to a power of two of pages.</param>
    /// <returns>The new size, -EINVAL, -EPERM or -EBUSY: more is in it.</returns>
    [MightSleep]
    public long Resize(uint bytes)
    {
        if (bytes > 1u << 31)
        {
            return -(long)Errno.EINVAL;
        }

        uint pages = System.Numerics.BitOperations.RoundUpToPowerOf2(Math.Max((bytes + Page.Size - 1) / Page.Size, 1));
        if (pages > MaximumBytes / Page.Size && !Credentials.Current.Has(Capability.SysResource))
        {
            return -(long)Errno.EPERM;
        }

        using (_lock.Enter())
        {
            if (!_ring.TryResize((int)pages))
            {
                return -(long)Errno.EBUSY;
            }

            NoteState();
        }

        _writers.WakeAll(PollEvents.Writable);
        return pages * Page.Size;
    }

    /// <summary>Opens ends, unless the pipe is that of a FIFO which nobody has open any more.</summary>
    [MightSleep]
    public bool TryOpen(bool reads, bool writes)
    {
        using (_lock.Enter())
        {
            if (_isDead)
            {
                return false;
            }

            _readEnds += reads ? 1 : 0;
            _writeEnds += writes ? 1 : 0;
            Volatile.Write(ref _readOpens, _readOpens + (reads ? 1u : 0));
            Volatile.Write(ref _writeOpens, _writeOpens + (writes ? 1u : 0));
            NoteState();
        }

        // Who waits in open for the other side.
        if (reads)
        {
            _writers.WakeAll(PollEvents.Writable);
        }

        if (writes)
        {
            _readers.WakeAll(PollEvents.None);
        }

        return true;
    }

    /// <summary>Closes ends.</summary>
    /// <returns>True: those were the last, and the pipe is empty and unusable.</returns>
    [MightSleep]
    public bool Close(bool reads, bool writes)
    {
        bool noReader;
        bool noWriter;
        using (_lock.Enter())
        {
            _readEnds -= reads ? 1 : 0;
            _writeEnds -= writes ? 1 : 0;
            noReader = _readEnds == 0;
            noWriter = _writeEnds == 0;
            if (noReader && noWriter)
            {
                _isDead = true;
                _ring.Clear();
            }

            NoteState();
        }

        if (noReader)
        {
            _writers.WakeAll(PollEvents.Error | PollEvents.Writable);
        }

        if (noWriter)
        {
            _readers.WakeAll(PollEvents.HangUp | PollEvents.Readable);
        }

        return noReader && noWriter;
    }

    /// <summary>Waits in open(2) until the other side is opened too.</summary>
    /// <param name="forWriter">The caller reads.</param>
    /// <returns>ERESTARTSYS.</returns>
    [MightSleep]
    public Errno AwaitOther(bool forWriter)
    {
        uint seen = OpensOf(forWriter);
        if ((State & (forWriter ? PipeState.HasWriter : PipeState.HasReader)) != 0)
        {
            return Errno.Ok;
        }

        using WaitQueue.Wait wait = (forWriter ? _readers : _writers).Begin();
        while (true)
        {
            wait.Prepare();
            if (OpensOf(forWriter) != seen)
            {
                return Errno.Ok;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>Reads (read(2)).</summary>
    [MightSleep]
    public long Read(ref DataSink to, bool waits)
    {
        if (to.Remaining == 0)
        {
            return 0;
        }

        while (true)
        {
            long done;
            bool wasFull;
            bool isMore;
            bool isOpen;
            using (_lock.Enter())
            {
                wasFull = _ring.IsFull;
                done = ReadLocked(ref to);
                isMore = _ring.Count != 0;
                isOpen = _writeEnds != 0;
                wasFull &= !_ring.IsFull;
                NoteState();
            }

            if (done != 0)
            {
                if (wasFull || _writers.HasOwners)
                {
                    _writers.Wake(PollEvents.Writable);
                }

                // One reader was woken for what came; if it leaves some, the next one is to have it.
                if (isMore)
                {
                    _readers.WakeNext();
                }

                return done;
            }

            if (!isOpen)
            {
                return 0;
            }

            if (!waits)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!AwaitData())
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>Writes (write(2)).</summary>
    /// <param name="from">What.</param>
    /// <param name="waits">Waits for room.</param>
    /// <param name="isPacket">Each write is a packet (O_DIRECT).</param>
    [MightSleep]
    public long Write(ref DataSource from, bool waits, bool isPacket)
    {
        if (from.Remaining == 0)
        {
            return 0;
        }

        long total = 0;
        bool hasWaited = false;
        Errno error;
        while (true)
        {
            bool wasEmpty;
            bool isRoomLeft;
            long before = total;
            using (_lock.Enter())
            {
                wasEmpty = _ring.Count == 0;
                error = _readEnds == 0 ? Errno.EPIPE : WriteLocked(ref from, isPacket, ref total);
                isRoomLeft = !_ring.IsFull;
                NoteState();
            }

            if (total != before && (wasEmpty || _readers.HasWatchers))
            {
                _readers.Wake(PollEvents.Readable);
            }

            bool isDone = error != Errno.Ok || from.Remaining == 0 || from.Faulted;
            if (!isDone && !waits)
            {
                error = Errno.EAGAIN;
                isDone = true;
            }

            if (isDone)
            {
                // One writer was woken for the room; if some is left, the next one is to have it.
                if (hasWaited && isRoomLeft)
                {
                    _writers.WakeNext();
                }

                break;
            }

            hasWaited = true;
            if (!AwaitRoom())
            {
                error = Errno.ERESTARTSYS;
                break;
            }
        }

        if (error == Errno.EPIPE)
        {
            FileServices.Instance?.SignalBrokenPipe();
        }

        return total > 0 ? total : error != Errno.Ok ? -(long)error : -(long)Errno.EFAULT;
    }

    /// <summary>What an end is ready for.</summary>
    public PollEvents Poll(PollWatcher? watcher, bool reads, bool writes)
    {
        if (reads)
        {
            _readers.Attach(watcher);
        }

        if (writes)
        {
            _writers.Attach(watcher);
        }

        PipeState state = State;
        PollEvents events = PollEvents.None;
        if (reads)
        {
            events |= (state & PipeState.HasData) != 0 ? PollEvents.Readable : PollEvents.None;
            events |= (state & PipeState.HasWriter) == 0 && Volatile.Read(ref _writeOpens) != 0 ? PollEvents.HangUp : PollEvents.None;
        }

        if (writes)
        {
            events |= (state & PipeState.HasRoom) != 0 ? PollEvents.Writable : PollEvents.None;
            events |= (state & PipeState.HasReader) == 0 ? PollEvents.Error : PollEvents.None;
        }

        return events;
    }

    private PipeState State => (PipeState)Volatile.Read(ref _state);

    private uint OpensOf(bool writers) => writers ? Volatile.Read(ref _writeOpens) : Volatile.Read(ref _readOpens);

    [RequiresLock(nameof(_lock))]
    private void NoteState()
    {
        PipeState state = _ring.Count != 0 ? PipeState.HasData : PipeState.None;
        state |= !_ring.IsFull ? PipeState.HasRoom : PipeState.None;
        state |= _readEnds != 0 ? PipeState.HasReader : PipeState.None;
        state |= _writeEnds != 0 ? PipeState.HasWriter : PipeState.None;
        Volatile.Write(ref _state, (int)state);
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private long ReadLocked(ref DataSink to)
    {
        long total = 0;
        while (_ring.Count != 0 && to.Remaining != 0)
        {
            bool isPacket = _ring.IsPacket;
            total += _ring.Read(ref to);
            if (to.Faulted || isPacket)
            {
                break;
            }
        }

        return total == 0 && to.Faulted ? -(long)Errno.EFAULT : total;
    }

    // Writes what there is room for; a write of up to PIPE_BUF bytes wholly or not at all.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno WriteLocked(ref DataSource from, bool isPacket, ref long total)
    {
        int rest = (int)(from.Remaining & (Page.Size - 1));
        if (!isPacket && rest != 0 && _ring.TryMerge(ref from, rest, out int merged))
        {
            total += merged;
        }

        while (from.Remaining != 0 && !from.Faulted && !_ring.IsFull)
        {
            Errno error = _ring.Add(ref from, (int)Math.Min(from.Remaining, Page.Size), isPacket, out int done);
            if (error != Errno.Ok)
            {
                return error;
            }

            total += done;
        }

        return Errno.Ok;
    }

    [MightSleep]
    private bool AwaitData()
    {
        using WaitQueue.Wait wait = _readers.Begin(Scheduler.Never, WaitMode.Interruptible, exclusive: true);
        while (true)
        {
            wait.Prepare();
            if ((State & (PipeState.HasData | PipeState.HasWriter)) != PipeState.HasWriter)
            {
                return true;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }

    [MightSleep]
    private bool AwaitRoom()
    {
        using WaitQueue.Wait wait = _writers.Begin(Scheduler.Never, WaitMode.Interruptible, exclusive: true);
        while (true)
        {
            wait.Prepare();
            if ((State & (PipeState.HasRoom | PipeState.HasReader)) != PipeState.HasReader)
            {
                return true;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }
}
