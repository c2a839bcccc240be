using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// A terminal: a line discipline, who waits at it, and the session whose controlling terminal it is. The device behind it is a derived class, which is also the discipline's port.
/// <para>Locks: <see cref="Lock"/> guards the discipline and all that goes with it; reads and writes hold a lock each, so that they do not mix. User memory is touched without
/// <see cref="Lock"/>, signals are sent without it.</para>
/// </summary>
public abstract partial class Terminal : TerminalPort
{
    private static readonly LockClass s_lockClass = LockClasses.Register("terminal");
    private static readonly LockClass s_readClass = LockClasses.Register("terminal reader");
    private static readonly LockClass s_writeClass = LockClasses.Register("terminal writer");

    private readonly Mutex _readLock = new("terminal reader", s_readClass);
    private readonly Mutex _writeLock = new("terminal writer", s_writeClass);

    [GuardedBy(nameof(Lock))]
    private readonly LineDiscipline _discipline;

    private readonly TerminalSettings _initial;

    // What waiters look at, who cannot take the lock between preparing to sleep and sleeping. Set by Publish.
    [Atomic]
    private int _readable;

    [Atomic]
    private int _pollThreshold = 1;

    [Atomic]
    private bool _isWritable = true;

    [Atomic]
    private bool _hasReceiveRoom = true;

    [Atomic]
    private int _hangUps;

    [GuardedBy(nameof(Lock))]
    private WindowSize _window;

    [GuardedBy(nameof(Lock))]
    private bool _isExclusive;

    // Masks of the settings that do not change; null: all do.
    [GuardedBy(nameof(Lock))]
    private TerminalSettings? _locked;

    [GuardedBy(nameof(Lock))]
    private int _openFiles;

    // Who closed the last file and has not come to its end (LastClosing): until then the device is open.
    [GuardedBy(nameof(Lock))]
    private int _closers;

    /// <summary>Makes a terminal that nobody has opened.</summary>
    /// <param name="number">What /proc/PID/stat shows for it.</param>
    /// <param name="name">As in /dev, without that.</param>
    /// <param name="initial">Its settings until somebody sets others, and after a hang-up; null: <see cref="TerminalSettings.Default"/>.</param>
    protected Terminal(DeviceNumber number, string name, TerminalSettings? initial = null)
    {
        Number = number;
        Name = name;
        _initial = initial ?? TerminalSettings.Default;
        _discipline = new LineDiscipline(this, _initial);
    }

    /// <summary>The device number that its processes show.</summary>
    public DeviceNumber Number { get; }

    /// <summary>As in /dev, without that: <c>ttyS0</c>, <c>pts/3</c>.</summary>
    public string Name { get; }

    /// <summary>Times that it was hung up. A file that was opened before the last time is of no use any more. Any context.</summary>
    internal int HangUps => Volatile.Read(ref _hangUps);

    /// <summary>Guards the discipline and what is behind it.</summary>
    protected Mutex Lock { get; } = new("terminal", s_lockClass);

    /// <summary>Tasks that wait for input, and what is polled.</summary>
    protected PollQueue Readers { get; } = new("terminal input");

    /// <summary>Tasks that wait for room to write.</summary>
    protected PollQueue Writers { get; } = new("terminal output");

    /// <summary>Who types, and waits for room: the console's task, a writer of a pseudo-terminal's master.</summary>
    protected PollQueue Typists { get; } = new("terminal keyboard");

    /// <summary>Typed bytes fit. Any context.</summary>
    protected bool HasReceiveRoom => Volatile.Read(ref _hasReceiveRoom);

    /// <summary>The settings in force. With <see cref="Lock"/> held.</summary>
    [RequiresLock(nameof(Lock))]
    protected TerminalSettings CurrentSettings => _discipline.Settings;

    /// <summary>The settings in force.</summary>
    [MightSleep]
    public TerminalSettings Settings
    {
        get
        {
            using (Lock.Enter())
            {
                return _discipline.Settings;
            }
        }
    }

    /// <summary>Bytes come from the keyboard. Task context.</summary>
    /// <returns>How many were taken; for the others there is no room until somebody reads.</returns>
    [MightSleep]
    public int Receive(ReadOnlySpan<byte> typed)
    {
        int taken;
        TerminalSignals signals;
        using (Lock.Enter())
        {
            taken = _discipline.Receive(typed);
            signals = _discipline.TakeSignals();
            Publish(inputCame: taken > 0);
        }

        SendSignals(signals);
        return taken;
    }

    /// <summary>Hands the discipline what the device has received (<see cref="TakeReceived"/>), as much as there is room for; waits for nobody. Task context, by one task.</summary>
    /// <returns>True when there may be more, and room for it.</returns>
    [MightSleep]
    protected bool ReceiveFromDevice()
    {
        const int mostSteps = 64;
        Span<byte> bytes = stackalloc byte[ChunkSize];
        Span<InputMark> marks = stackalloc InputMark[ChunkSize];
        TerminalSignals signals;
        int steps = 0;
        using (Lock.Enter())
        {
            while (steps < mostSteps)
            {
                // As many as are taken for sure, so that nothing is left over.
                int room = Math.Min(_discipline.ReceiveRoom, ChunkSize);
                int count = room > 0 ? TakeReceived(bytes[..room], marks[..room]) : 0;
                if (count == 0)
                {
                    break;
                }

                _discipline.Receive(bytes[..count], marks[..count]);
                steps++;
            }

            signals = _discipline.TakeSignals();
            Publish(inputCame: steps > 0);
        }

        SendSignals(signals);
        return steps == mostSteps;
    }

    /// <summary>Waits until <see cref="Receive"/> takes something. Task context.</summary>
    /// <returns>False when the wait was interrupted.</returns>
    [MightSleep]
    protected bool WaitForReceiveRoom(WaitMode mode)
    {
        using WaitQueue.Wait wait = Typists.Begin(mode: mode);
        while (true)
        {
            wait.Prepare();
            if (HasReceiveRoom)
            {
                return true;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }

    /// <summary>A file of it is opened. Task context.</summary>
    /// <returns>EBUSY: somebody has it for himself; EIO: its other side is gone or locked.</returns>
    [MightSleep]
    internal Errno Open(bool mayBreakIn)
    {
        using (Lock.Enter())
        {
            if (_isExclusive && !mayBreakIn)
            {
                return Errno.EBUSY;
            }

            Errno error = Opening();
            if (error == Errno.Ok)
            {
                _openFiles++;
            }

            return error;
        }
    }

    /// <summary>A file of it was closed. Task context.</summary>
    [MightSleep]
    internal void Close()
    {
        using (Lock.Enter())
        {
            if (--_openFiles != 0)
            {
                return;
            }

            _closers++;
        }

        // Without the lock: who opens the terminal meanwhile finds it open, and does not wait for its device.
        try
        {
            LastClosing();
        }
        finally
        {
            using (Lock.Enter())
            {
                if (--_closers == 0 && _openFiles == 0)
                {
                    _isExclusive = false;
                    try
                    {
                        LastClosed();
                    }
                    finally
                    {
                        ClearSession();
                    }
                }
            }
        }
    }

    /// <summary>What the files of it are ready for, see <see cref="Descriptors.OpenFile.Poll"/>.</summary>
    internal PollEvents Poll(TerminalFile file, PollWatcher? watcher)
    {
        Readers.Attach(watcher);
        Writers.Attach(watcher);
        if (file.IsHungUp)
        {
            return PollEvents.Readable | PollEvents.Writable | PollEvents.Error | PollEvents.HangUp;
        }

        PollEvents events = Volatile.Read(ref _readable) >= Volatile.Read(ref _pollThreshold) ? PollEvents.Readable : PollEvents.None;
        return Volatile.Read(ref _isWritable) ? events | PollEvents.Writable : events;
    }

    /// <summary>A file is about to be open. With <see cref="Lock"/> held.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual Errno Opening() => Errno.Ok;

    /// <summary>The last file was closed, and <see cref="LastClosed"/> follows unless another one is opened meanwhile: a device waits for what was written. Default: nothing. Task context, without <see cref="Lock"/>.</summary>
    [MightSleep]
    protected virtual void LastClosing()
    {
    }

    /// <summary>No file is open any more. With <see cref="Lock"/> held.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual void LastClosed()
    {
    }

    /// <summary>Waits until the device has sent everything. Task context, without <see cref="Lock"/>.</summary>
    /// <returns>False when the wait was interrupted. Default: true, nothing waits.</returns>
    [MightSleep]
    protected virtual bool Drain() => true;

    /// <summary>Takes bytes that the device has received, for <see cref="ReceiveFromDevice"/>. Default: none. With <see cref="Lock"/> held.</summary>
    /// <param name="bytes">Where they go.</param>
    /// <param name="marks">What is to be said of each; as long.</param>
    /// <returns>How many.</returns>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual int TakeReceived(Span<byte> bytes, Span<InputMark> marks) => 0;

    /// <summary>There was no room for typed bytes, and now there is. Default: nothing. With <see cref="Lock"/> held.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual void ReceiveRoomCame()
    {
    }

    /// <summary>A program has stopped the output (TCOOFF). Task context, without <see cref="Lock"/>.</summary>
    protected bool IsStoppedByProgram
    {
        [MightSleep]
        get
        {
            using (Lock.Enter())
            {
                return _discipline.IsStoppedByProgram;
            }
        }
    }

    /// <summary>Output that was stopped goes on with the next opener. With <see cref="Lock"/> held, after the last close.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    private protected void ResetFlow()
    {
        _discipline.ResetFlow();
        Publish();
    }

    /// <summary>The device has got room: echo that waits goes there, and so do writers. With <see cref="Lock"/> held.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected void RoomCame()
    {
        _discipline.FlushEcho();
        Publish();
    }

    /// <summary>Drops what was typed and not read. With <see cref="Lock"/> held.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected void DropInput()
    {
        _discipline.FlushInput();
        Publish();
    }

    /// <summary>Tells waiters how things are. With <see cref="Lock"/> held, after each change.</summary>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    private void Publish(bool inputCame = false)
    {
        int readable = _discipline.IsCanonical ? (_discipline.IsReadable() ? LineDiscipline.BufferSize : 0) : _discipline.Available;
        int threshold = _discipline.IsCanonical ? 1 : new RawReadRule(_discipline.Settings).PollThreshold;
        inputCame |= Interlocked.Exchange(ref _readable, readable) < readable;
        bool wasWritable = Volatile.Read(ref _isWritable);
        bool hadRoom = Volatile.Read(ref _hasReceiveRoom);
        bool isWritable = _discipline.IsWritable;
        bool hasRoom = _discipline.ReceiveRoom > 0;
        Volatile.Write(ref _pollThreshold, threshold);
        Volatile.Write(ref _isWritable, isWritable);
        Volatile.Write(ref _hasReceiveRoom, hasRoom);
        if (inputCame && readable > 0)
        {
            Readers.Wake(PollEvents.Readable);
        }

        if (!wasWritable && isWritable)
        {
            Writers.WakeAll(PollEvents.Writable);
        }

        if (!hadRoom && hasRoom)
        {
            Typists.WakeAll(PollEvents.Writable);
            ReceiveRoomCame();
        }
    }
}
