using System;
using System.Globalization;
using System.Text;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// A pseudo-terminal (pty(7)): a terminal, the slave, at whose other end is no device but a file, the master (<see cref="PseudoMasterFile"/>). What the slave writes and echoes waits here until
/// the master reads it; what the master writes is typed at the slave.
/// </summary>
public sealed class PseudoTerminal : Terminal
{
    /// <summary>Major number of the slaves; the minor is the index.</summary>
    public const uint SlaveMajor = 136;

    private const int BufferSize = 4096;
    private const string PortRule = "Touched with the terminal's lock held: by the port's methods, whose caller holds it, and by the master's.";

    [Protocol(PortRule)]
    private readonly byte[] _output = new byte[BufferSize];

    [Protocol(PortRule)]
    private int _start;

    [Protocol(PortRule)]
    private int _count;

    [Protocol(PortRule)]
    private PacketEvents _events;

    [Atomic]
    private bool _isPacketMode;

    [Atomic]
    private bool _isLocked = true;

    [Atomic]
    private bool _hasMaster = true;

    // The slave was open and is not any more.
    [Atomic]
    private bool _isSlaveClosed;

    // What the master may read, for those who wait: bytes, or 1 for an event of packet mode.
    [Atomic]
    private int _masterReadable;

    internal PseudoTerminal(int index, Inode inode)
        : base(new DeviceNumber(SlaveMajor, (uint)index), "pts/" + index.ToString(CultureInfo.InvariantCulture))
    {
        Index = index;
        Inode = inode;
    }

    /// <summary>The number of the slave's name, from 0.</summary>
    public int Index { get; }

    /// <summary>What its node is called in /dev/pts.</summary>
    internal byte[] NodeName => Encoding.ASCII.GetBytes(Index.ToString(CultureInfo.InvariantCulture));

    /// <summary>The slave's node in devpts.</summary>
    public Inode Inode { get; }

    /// <summary>The slave cannot be opened (TIOCSPTLCK). Any context.</summary>
    public bool IsLocked
    {
        get => Volatile.Read(ref _isLocked);
        set => Volatile.Write(ref _isLocked, value);
    }

    /// <summary>The master's reads begin with a byte of events (TIOCPKT). Any context.</summary>
    public bool IsPacketMode => Volatile.Read(ref _isPacketMode);

    /// <inheritdoc/>
    public override int Room => BufferSize - _count;

    /// <inheritdoc/>
    public override int Waiting => _count;

    /// <summary>Tasks that wait to read from the master, and what is polled.</summary>
    private PollQueue MasterReaders { get; } = new("pty master");

    /// <inheritdoc/>
    protected override bool HangsUpWithLeader => false;

    /// <inheritdoc/>
    public override void Put(ReadOnlySpan<byte> bytes)
    {
        int end = (_start + _count) % BufferSize;
        int first = Math.Min(bytes.Length, BufferSize - end);
        bytes[..first].CopyTo(_output.AsSpan(end));
        bytes[first..].CopyTo(_output);
        _count += bytes.Length;
        TellMaster();
    }

    /// <inheritdoc/>
    public override void Discard()
    {
        _count = 0;
        Tell(PacketEvents.FlushWrite, PacketEvents.Data);
    }

    /// <inheritdoc/>
    public override void FlowChanged(bool isStopped) =>
        Tell(isStopped ? PacketEvents.Stop : PacketEvents.Start, isStopped ? PacketEvents.Start : PacketEvents.Stop);

    /// <inheritdoc/>
    public override void InputFlushed() => Tell(PacketEvents.FlushRead, PacketEvents.Data);

    /// <summary>Reads for the master. Task context.</summary>
    [MightSleep]
    internal long MasterRead(ref DataSink to, bool isNonBlocking)
    {
        Span<byte> chunk = stackalloc byte[512];
        long total = 0;
        while (to.Remaining > 0)
        {
            Span<byte> part = chunk[..(int)Math.Min(chunk.Length, to.Remaining)];
            int count = TakeOutput(part, isFirst: total == 0, out bool isEvent);
            if (count > 0)
            {
                int copied = to.Write(part[..count]);
                total += copied;
                if (copied < count)
                {
                    return total > 0 ? total : -(long)Errno.EFAULT;
                }

                if (isEvent)
                {
                    return total;
                }

                continue;
            }

            if (total > 0)
            {
                return total;
            }

            if (Volatile.Read(ref _isSlaveClosed))
            {
                return -(long)Errno.EIO;
            }

            if (isNonBlocking)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!WaitForOutput())
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }

        return total;
    }

    /// <summary>The master writes: it is typed at the slave. Task context.</summary>
    [MightSleep]
    internal long MasterWrite(ref DataSource from, bool isNonBlocking)
    {
        Span<byte> chunk = stackalloc byte[512];
        long total = 0;
        while (from.Remaining > 0)
        {
            int count = from.Read(chunk);
            if (count == 0)
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }

            int typed = Receive(chunk[..count]);
            while (typed < count)
            {
                if (isNonBlocking)
                {
                    return total + typed > 0 ? total + typed : -(long)Errno.EAGAIN;
                }

                if (!WaitForReceiveRoom(WaitMode.Interruptible))
                {
                    return total + typed > 0 ? total + typed : -(long)Errno.ERESTARTSYS;
                }

                typed += Receive(chunk[typed..count]);
            }

            total += count;
        }

        return total;
    }

    /// <summary>What the master is ready for.</summary>
    internal PollEvents MasterPoll(PollWatcher? watcher)
    {
        MasterReaders.Attach(watcher);
        Typists.Attach(watcher);
        PollEvents events = HasReceiveRoom ? PollEvents.Writable : PollEvents.None;
        events |= Volatile.Read(ref _masterReadable) > 0 ? PollEvents.Readable : PollEvents.None;
        events |= HasPacketEvent ? PollEvents.Priority : PollEvents.None;
        return Volatile.Read(ref _isSlaveClosed) ? events | PollEvents.HangUp | PollEvents.Readable : events;
    }

    /// <summary>Bytes that the master can read (FIONREAD).</summary>
    [MightSleep]
    internal int MasterAvailable()
    {
        using (Lock.Enter())
        {
            return _count;
        }
    }

    /// <summary>TIOCPKT.</summary>
    [MightSleep]
    internal void SetPacketMode(bool isOn)
    {
        using (Lock.Enter())
        {
            _events = PacketEvents.Data;
            Volatile.Write(ref _isPacketMode, isOn);
            TellMaster();
        }
    }

    /// <summary>TCFLSH of the master: what it has not read, what was typed and the slave has not read, or both.</summary>
    [MightSleep]
    internal void MasterFlush(ulong what)
    {
        using (Lock.Enter())
        {
            if (what != 1)
            {
                _count = 0;
                TellMaster();
                RoomCame();
            }

            if (what != 0)
            {
                DropInput();
            }
        }
    }

    /// <summary>The master was closed: the slave is hung up and has no name any more. Task context.</summary>
    [MightSleep]
    internal void MasterClosed()
    {
        Volatile.Write(ref _hasMaster, false);
        HangUp();
        PseudoTerminals.Remove(this);
    }

    /// <inheritdoc/>
    protected override Errno Opening()
    {
        if (!Volatile.Read(ref _hasMaster) || IsLocked)
        {
            return Errno.EIO;
        }

        Volatile.Write(ref _isSlaveClosed, false);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    protected override void LastClosed()
    {
        Volatile.Write(ref _isSlaveClosed, true);
        MasterReaders.WakeAll(PollEvents.Readable | PollEvents.HangUp);
    }

    /// <inheritdoc/>
    protected override void SettingsChanged(TerminalSettings before, TerminalSettings after)
    {
        bool hadFlow = HasUsualFlow(before);
        bool hasFlow = HasUsualFlow(after);
        if (hadFlow != hasFlow)
        {
            Tell(hasFlow ? PacketEvents.DoStop : PacketEvents.NoStop, PacketEvents.DoStop | PacketEvents.NoStop);
        }

        if (before.Has(LocalFlags.ExternalProcessing) || after.Has(LocalFlags.ExternalProcessing))
        {
            Tell(PacketEvents.Settings, PacketEvents.Data);
        }
    }

    private bool HasPacketEvent
    {
        get => IsPacketMode && Volatile.Read(ref _masterReadable) > 0 && _events != PacketEvents.Data;
    }

    private static bool HasUsualFlow(TerminalSettings settings) =>
        settings.Has(InputFlags.OutputFlowControl) && settings[ControlCharacter.Stop] == 0x13 && settings[ControlCharacter.Start] == 0x11;

    // With the lock held.
    private void Tell(PacketEvents events, PacketEvents instead)
    {
        if (IsPacketMode)
        {
            _events = (_events & ~instead) | events;
        }

        TellMaster();
    }

    // With the lock held.
    private void TellMaster()
    {
        int readable = _events != PacketEvents.Data ? 1 : _count;
        Volatile.Write(ref _masterReadable, readable);
        if (readable > 0)
        {
            MasterReaders.Wake(_events != PacketEvents.Data ? PollEvents.Readable | PollEvents.Priority : PollEvents.Readable);
        }
    }

    [MightSleep]
    private int TakeOutput(Span<byte> part, bool isFirst, out bool isEvent)
    {
        using (Lock.Enter())
        {
            isEvent = false;
            int taken = 0;
            if (IsPacketMode && isFirst)
            {
                if (_events != PacketEvents.Data)
                {
                    part[0] = (byte)_events;
                    _events = PacketEvents.Data;
                    TellMaster();
                    isEvent = true;
                    return 1;
                }

                if (_count == 0)
                {
                    return 0;
                }

                part[0] = 0;
                taken = 1;
            }

            int count = Math.Min(_count, part.Length - taken);
            int first = Math.Min(count, BufferSize - _start);
            _output.AsSpan(_start, first).CopyTo(part[taken..]);
            _output.AsSpan(0, count - first).CopyTo(part[(taken + first)..]);
            _start = (_start + count) % BufferSize;
            _count -= count;
            if (count > 0)
            {
                RoomCame();
                TellMaster();
            }

            return taken + count;
        }
    }

    [MightSleep]
    private bool WaitForOutput()
    {
        using WaitQueue.Wait wait = MasterReaders.Begin();
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref _masterReadable) > 0 || Volatile.Read(ref _isSlaveClosed))
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
