using System;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// The line discipline N_TTY (termios(3)): what is typed becomes lines, echo and signals; what is written becomes what the device shows. Pure logic: it waits for nothing and
/// wakes nobody. All calls are made with the terminal's lock held, in task context.
/// </summary>
[Owned]
public sealed partial class LineDiscipline
{
    /// <summary>The most bytes of a line, its end included; also what waits to be read.</summary>
    public const int BufferSize = 4096;

    private const byte Bell = 7;
    private const byte Backspace = 8;
    private const int FirstControlAbove = 0x7F;
    private const int ThrottleRoom = 128;

    private readonly TerminalPort _port;

    // Positions count all bytes ever; modulo BufferSize they are indexes. _tail <= _lineStart (_canonHead) <= _head.
    private readonly byte[] _buffer = new byte[BufferSize];

    // Bit per byte of the buffer: a line ends with it. A zero byte that ends a line is the place of an EOF and no input.
    private readonly ulong[] _ends = new ulong[BufferSize / 64];
    private long _head;
    private long _tail;
    private long _lineStart;
    private bool _isLiteralNext;
    private bool _isErasing;
    private bool _isThrottled;
    private TerminalSignals _signals;

    /// <summary>Makes one.</summary>
    /// <param name="port">Where output and echo go.</param>
    /// <param name="settings">The first settings.</param>
    public LineDiscipline(TerminalPort port, TerminalSettings settings)
    {
        _port = port;
        Settings = settings;
    }

    /// <summary>The settings in force.</summary>
    public TerminalSettings Settings { get; private set; }

    /// <summary>Lines are edited here: ICANON, and nobody else edits them (EXTPROC).</summary>
    public bool IsCanonical => Settings.IsCanonical && !Settings.Has(LocalFlags.ExternalProcessing);

    /// <summary>Bytes that a read may take now: those of whole lines, or all (FIONREAD). Ends of file are not counted.</summary>
    public int Available
    {
        get
        {
            if (!IsCanonical)
            {
                return (int)(_head - _tail);
            }

            int count = 0;
            for (long at = _tail; at < _lineStart; at++)
            {
                count += IsEndOfFile(at) ? 0 : 1;
            }

            return count;
        }
    }

    /// <summary>Whether a read need not wait.</summary>
    /// <param name="threshold">Bytes that must be there without lines, see <see cref="RawReadRule.PollThreshold"/>.</param>
    public bool IsReadable(int threshold = 1) => IsCanonical ? _lineStart != _tail : _head - _tail >= threshold;

    /// <summary>Bytes that <see cref="Receive"/> takes at least.</summary>
    public int ReceiveRoom
    {
        get
        {
            int room = BufferSize - 1 - (int)(_head - _tail);
            if (Settings.Has(InputFlags.MarkParity))
            {
                // A byte with an error is marked by two others.
                room /= 3;
            }

            // While a line is typed that no read can take, everything is looked at: its end, or what erases it, must get through.
            return room > 0 ? room : IsCanonical && _lineStart == _tail ? 1 : 0;
        }
    }

    /// <summary>Takes the signals that keys have sent since the last time; the caller sends them to the foreground process group without the lock.</summary>
    public TerminalSignals TakeSignals()
    {
        TerminalSignals signals = _signals;
        _signals = TerminalSignals.None;
        return signals;
    }

    /// <summary>Typed bytes come in.</summary>
    /// <param name="typed">The bytes.</param>
    /// <param name="marks">What the device says of each; empty: nothing of any.</param>
    /// <returns>How many were taken; the others wait until somebody reads.</returns>
    [MightSleep]
    public int Receive(ReadOnlySpan<byte> typed, ReadOnlySpan<InputMark> marks = default)
    {
        int taken = 0;
        while (taken < typed.Length && ReceiveRoom > 0)
        {
            if (marks.IsEmpty || marks[taken] == InputMark.None)
            {
                ReceiveByte(typed[taken]);
            }
            else
            {
                ReceiveMarked(typed[taken], marks[taken]);
            }

            taken++;
        }

        FlushEcho();
        ThrottleInput();
        return taken;
    }

    /// <summary>Takes bytes for a reader: without lines what there is, else at most up to the end of one line.</summary>
    /// <param name="to">Where they go, not empty.</param>
    /// <param name="isLineEnd">The end of a line was reached; with 0 bytes that is an end of file.</param>
    [MightSleep]
    public int Read(Span<byte> to, out bool isLineEnd)
    {
        isLineEnd = false;
        int count = 0;
        long limit = IsCanonical ? _lineStart : _head;
        while (count < to.Length && _tail < limit)
        {
            bool ends = TakeEnd(_tail);
            byte value = _buffer[_tail % BufferSize];
            _tail++;
            isLineEnd = ends && IsCanonical;
            if (!isLineEnd || value != 0)
            {
                to[count++] = value;
            }

            if (isLineEnd)
            {
                break;
            }
        }

        UnthrottleInput();
        return count;
    }

    /// <summary>After a read that was filled up exactly: an end of file that stands there belongs to what was read.</summary>
    public void SkipEndOfFile()
    {
        if (IsCanonical && _tail < _lineStart && IsEndOfFile(_tail))
        {
            TakeEnd(_tail);
            _tail++;
        }
    }

    /// <summary>Other settings come into force. What was typed so far stays: without lines all of it can be read, with lines it counts as one.</summary>
    [MightSleep]
    public void SetSettings(TerminalSettings settings)
    {
        bool wasCanonical = IsCanonical;
        bool hadFlow = Settings.Has(InputFlags.OutputFlowControl);
        Settings = settings;
        if (wasCanonical != IsCanonical)
        {
            if (IsCanonical)
            {
                Array.Clear(_ends);
                _lineStart = _head;
            }

            _isLiteralNext = false;
            _isErasing = false;
        }

        if (hadFlow && !settings.Has(InputFlags.OutputFlowControl) && !IsStoppedByProgram)
        {
            Start();
        }
    }

    /// <summary>Drops what was typed and not read (TCIFLUSH).</summary>
    [MightSleep]
    public void FlushInput()
    {
        _tail = _head;
        _lineStart = _head;
        Array.Clear(_ends);
        _isLiteralNext = false;
        _isErasing = false;
        _port.InputFlushed();
        UnthrottleInput();
    }

    [MightSleep]
    private void ReceiveByte(byte value)
    {
        if (_isLiteralNext)
        {
            _isLiteralNext = false;
            Store(Map(value), isPlain: true);
            return;
        }

        value = Map(value);
        if (Settings.Has(LocalFlags.ExternalProcessing))
        {
            Put(value);
            return;
        }

        if (IsStopped && !IsStoppedByProgram && Settings.Has(InputFlags.OutputFlowControl) && Settings.Has(InputFlags.AnyStarts) && !IsFlowOrSignal(value))
        {
            Start();
        }

        if (Settings.IsSpecial(value))
        {
            ReceiveSpecial(value);
        }
        else
        {
            Store(value, isPlain: true);
        }
    }

    // termios(3), "Input modes". A break that nothing is said about is a 0; without INPCK a byte with an error is like others.
    [MightSleep]
    private void ReceiveMarked(byte value, InputMark mark)
    {
        bool isBreak = mark == InputMark.Break;
        bool isIgnored = isBreak ? Settings.Has(InputFlags.IgnoreBreak) : Settings.Has(InputFlags.CheckParity) && Settings.Has(InputFlags.IgnoreParity);
        if (isIgnored)
        {
            return;
        }

        if (isBreak && Settings.Has(InputFlags.BreakInterrupts))
        {
            SendKeySignal(TerminalSignals.Interrupt);
        }
        else if (Settings.Has(InputFlags.MarkParity) && (isBreak || Settings.Has(InputFlags.CheckParity)))
        {
            _isLiteralNext = false;
            Put(0xFF);
            Put(0);
            Put(isBreak ? (byte)0 : value);
        }
        else if (!isBreak && Settings.Has(InputFlags.CheckParity))
        {
            _isLiteralNext = false;
            Put(0);
        }
        else
        {
            ReceiveByte(value);
        }
    }

    private byte Map(byte value)
    {
        if (Settings.Has(InputFlags.Strip))
        {
            value &= 0x7F;
        }

        bool lowers = Settings.Has(InputFlags.ToLower) && Settings.Has(LocalFlags.Extended);
        return lowers && value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
    }

    private bool IsFlowOrSignal(byte value) =>
        Settings.Is(value, ControlCharacter.Start) || Settings.Is(value, ControlCharacter.Stop) || Settings.Is(value, ControlCharacter.Interrupt) ||
        Settings.Is(value, ControlCharacter.Quit) || Settings.Is(value, ControlCharacter.Suspend);

    [MightSleep]
    private void ReceiveSpecial(byte value)
    {
        if (Settings.Has(InputFlags.OutputFlowControl))
        {
            if (Settings.Is(value, ControlCharacter.Start))
            {
                Start();
                return;
            }

            if (Settings.Is(value, ControlCharacter.Stop))
            {
                Stop();
                return;
            }
        }

        if (Settings.Has(LocalFlags.Signals) && SignalOf(value) is var signal && signal != TerminalSignals.None)
        {
            ReceiveSignal(value, signal);
            return;
        }

        if (value == (byte)'\r')
        {
            if (Settings.Has(InputFlags.IgnoreReturn))
            {
                return;
            }

            value = Settings.Has(InputFlags.ReturnToNewline) ? (byte)'\n' : value;
        }
        else if (value == (byte)'\n' && Settings.Has(InputFlags.NewlineToReturn))
        {
            value = (byte)'\r';
        }

        if (!IsCanonical || !Edit(value))
        {
            Store(value, isPlain: false);
        }
    }

    private TerminalSignals SignalOf(byte value) =>
        Settings.Is(value, ControlCharacter.Interrupt) ? TerminalSignals.Interrupt :
        Settings.Is(value, ControlCharacter.Quit) ? TerminalSignals.Quit :
        Settings.Is(value, ControlCharacter.Suspend) ? TerminalSignals.Suspend : TerminalSignals.None;

    [MightSleep]
    private void ReceiveSignal(byte value, TerminalSignals signal)
    {
        SendKeySignal(signal);
        if (Settings.Has(InputFlags.OutputFlowControl))
        {
            Start();
        }

        if (Settings.Has(LocalFlags.Echo))
        {
            EchoCharacter(value);
        }
    }

    [MightSleep]
    private void SendKeySignal(TerminalSignals signal)
    {
        _signals |= signal;
        if (!Settings.Has(LocalFlags.NoFlush))
        {
            FlushOutput();
            FlushInput();
        }
    }

    // Ordinary input, echoed.
    private void Store(byte value, bool isPlain)
    {
        bool hasRoom = _head - _tail < BufferSize - 1;
        if (Settings.Has(LocalFlags.Echo))
        {
            EndErasing();
            if (!hasRoom && Settings.Has(InputFlags.BellWhenFull))
            {
                EchoRaw(Bell);
            }
            else if (value == (byte)'\n' && !isPlain)
            {
                EchoRaw(value);
            }
            else
            {
                MarkLineColumn();
                EchoCharacter(value);
            }
        }
        else if (!hasRoom && Settings.Has(InputFlags.BellWhenFull))
        {
            EchoRaw(Bell);
        }

        if (value == 0xFF && Settings.Has(InputFlags.MarkParity))
        {
            Put(value);
        }

        Put(value);
    }

    // What finds the line full is lost, but for the line's end, for which a place is kept.
    private void Put(byte value)
    {
        if (_head - _tail < BufferSize - 1)
        {
            _buffer[_head % BufferSize] = value;
            _head++;
        }
    }

    private void EndLine(byte value)
    {
        if (_head - _tail >= BufferSize)
        {
            _head--;
        }

        _ends[_head % BufferSize / 64] |= 1UL << (int)(_head % 64);
        _buffer[_head % BufferSize] = value;
        _head++;
        _lineStart = _head;
    }

    private bool IsEndOfFile(long at) => _buffer[at % BufferSize] == 0 && (_ends[at % BufferSize / 64] & (1UL << (int)(at % 64))) != 0;

    private bool TakeEnd(long at)
    {
        ref ulong word = ref _ends[at % BufferSize / 64];
        ulong bit = 1UL << (int)(at % 64);
        bool ends = (word & bit) != 0;
        word &= ~bit;
        return ends;
    }

    // IXOFF: the other side is asked to stop before there is no room, and to start again when most was read.
    [MightSleep]
    private void ThrottleInput()
    {
        if (!_isThrottled && Settings.Has(InputFlags.InputFlowControl) && !IsCanonical && BufferSize - (_head - _tail) < ThrottleRoom)
        {
            _isThrottled = true;
            SendFlowCharacter(ControlCharacter.Stop);
        }
    }

    [MightSleep]
    private void UnthrottleInput()
    {
        if (_isThrottled && _head - _tail < ThrottleRoom)
        {
            _isThrottled = false;
            SendFlowCharacter(ControlCharacter.Start);
        }
    }
}
