using System;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

// What is written and echoed, on its way to the port.
public sealed partial class LineDiscipline
{
    private const int TabWidth = 8;
    private const int EchoSize = 4096;
    private const int StageSize = 512;

    // The most bytes that one byte becomes: a tab.
    private const int MostExpanded = TabWidth;

    // Echo that the port had no room for. It goes before anything that is written later.
    private readonly byte[] _echo = new byte[EchoSize];
    private readonly byte[] _stage = new byte[StageSize];
    private int _echoStart;
    private int _echoCount;
    private int _column;
    private int _lineColumn;

    // START or STOP for which the port had no room; 0 for none.
    private byte _owedFlow;

    /// <summary>The output stands still: STOP was typed, or a program stopped it.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>A program has stopped the output (TCOOFF): typed characters do not start it.</summary>
    public bool IsStoppedByProgram { get; private set; }

    /// <summary>A write would take something now.</summary>
    public bool IsWritable => !IsStopped && _echoCount == 0 && _port.Room >= MostExpanded;

    /// <summary>Column of the cursor as the output tells it, from 0.</summary>
    public int Column => _column;

    /// <summary>Bytes that wait to be shown (TIOCOUTQ).</summary>
    public int OutputWaiting => _port.Waiting + _echoCount;

    /// <summary>Writes what a program gave.</summary>
    /// <returns>How many of its bytes were taken; 0 while the output is stopped or the port has no room.</returns>
    [MightSleep]
    public int Write(ReadOnlySpan<byte> text)
    {
        FlushEcho();
        if (IsStopped || _echoCount > 0)
        {
            return 0;
        }

        if (!Settings.Has(OutputFlags.Process))
        {
            int direct = Math.Min(text.Length, _port.Room);
            if (direct > 0)
            {
                _port.Put(text[..direct]);
            }

            return direct;
        }

        int taken = 0;
        while (taken < text.Length)
        {
            int room = Math.Min(_port.Room, StageSize);
            if (room < MostExpanded)
            {
                break;
            }

            int staged = 0;
            while (taken < text.Length && staged + MostExpanded <= room)
            {
                staged += Process(text[taken], _stage.AsSpan(staged));
                taken++;
            }

            if (staged > 0)
            {
                _port.Put(_stage.AsSpan(0, staged));
            }
        }

        return taken;
    }

    /// <summary>Sends echo that waits. After the port has got room again.</summary>
    [MightSleep]
    public void FlushEcho()
    {
        if (_owedFlow != 0 && _port.TrySendUrgently(_owedFlow))
        {
            _owedFlow = 0;
        }

        while (_echoCount > 0 && !IsStopped)
        {
            int count = Math.Min(Math.Min(_echoCount, EchoSize - _echoStart), _port.Room);
            if (count <= 0)
            {
                return;
            }

            _port.Put(_echo.AsSpan(_echoStart, count));
            _echoStart = (_echoStart + count) % EchoSize;
            _echoCount -= count;
        }
    }

    /// <summary>Drops what was written and echoed and is not shown yet (TCOFLUSH).</summary>
    [MightSleep]
    public void FlushOutput()
    {
        _echoCount = 0;
        _port.Discard();
    }

    /// <summary>A program stops the output (TCOOFF).</summary>
    [MightSleep]
    public void StopByProgram()
    {
        IsStoppedByProgram = true;
        Stop();
    }

    /// <summary>A program starts the output again (TCOON).</summary>
    [MightSleep]
    public void StartByProgram()
    {
        if (IsStoppedByProgram)
        {
            IsStoppedByProgram = false;
            Start();
        }
    }

    /// <summary>Sends START or STOP to the other side (TCION, TCIOFF), past everything that waits, if the port can do that; at the latest when it has got room.</summary>
    [MightSleep]
    public void SendFlowCharacter(ControlCharacter character)
    {
        byte value = Settings[character];
        if (value != 0)
        {
            _owedFlow = _port.TrySendUrgently(value) ? (byte)0 : value;
        }
    }

    /// <summary>Nobody has the terminal open any more: echo that waits is dropped, and neither side is stopped when somebody opens it again.</summary>
    [MightSleep]
    public void ResetFlow()
    {
        _echoCount = 0;
        _owedFlow = 0;
        _isThrottled = false;
        IsStoppedByProgram = false;
        Start();
    }

    [MightSleep]
    private void Stop()
    {
        if (!IsStopped)
        {
            IsStopped = true;
            _port.FlowChanged(true);
        }
    }

    [MightSleep]
    private void Start()
    {
        if (IsStopped && !IsStoppedByProgram)
        {
            IsStopped = false;
            _port.FlowChanged(false);
            FlushEcho();
        }
    }

    // One byte as the settings want it; follows the column.
    private int Process(byte value, Span<byte> to)
    {
        switch (value)
        {
            case (byte)'\n':
                return ProcessNewline(to);
            case (byte)'\r':
                return ProcessReturn(to);
            case (byte)'\t':
                int width = TabWidth - (_column % TabWidth);
                _column += width;
                if ((Settings.Output & OutputFlags.TabMask) == OutputFlags.ExpandTabs)
                {
                    to[..width].Fill((byte)' ');
                    return width;
                }

                break;
            case Backspace:
                _column = Math.Max(_column - 1, 0);
                break;
            default:
                if (!IsControl(value))
                {
                    value = Settings.Has(OutputFlags.ToUpper) && value is >= (byte)'a' and <= (byte)'z' ? (byte)(value & ~0x20) : value;
                    _column += IsContinuation(value) ? 0 : 1;
                }

                break;
        }

        to[0] = value;
        return 1;
    }

    private int ProcessNewline(Span<byte> to)
    {
        if (Settings.Has(OutputFlags.NewlineReturns))
        {
            _column = 0;
        }

        if (Settings.Has(OutputFlags.NewlineToReturnNewline))
        {
            _column = 0;
            _lineColumn = 0;
            to[0] = (byte)'\r';
            to[1] = (byte)'\n';
            return 2;
        }

        _lineColumn = _column;
        to[0] = (byte)'\n';
        return 1;
    }

    private int ProcessReturn(Span<byte> to)
    {
        if (Settings.Has(OutputFlags.NoReturnAtColumnZero) && _column == 0)
        {
            return 0;
        }

        if (Settings.Has(OutputFlags.ReturnToNewline))
        {
            if (Settings.Has(OutputFlags.NewlineReturns))
            {
                _column = 0;
                _lineColumn = 0;
            }

            to[0] = (byte)'\n';
            return 1;
        }

        _column = 0;
        _lineColumn = 0;
        to[0] = (byte)'\r';
        return 1;
    }

    // The line that is typed begins here: the erasing of tabs counts from it.
    private void MarkLineColumn(bool always = false)
    {
        if (always || _head == _lineStart)
        {
            _lineColumn = _column;
        }
    }

    // As a person is to see it: control characters as ^X, but for tabs.
    private void EchoCharacter(byte value)
    {
        if (Settings.Has(LocalFlags.EchoControl) && IsControl(value) && value != (byte)'\t')
        {
            EchoByte((byte)'^');
            EchoByte((byte)(value ^ 0x40));
            _column += 2;
        }
        else
        {
            EchoRaw(value);
        }
    }

    private void EchoRaw(byte value)
    {
        if (!Settings.Has(OutputFlags.Process))
        {
            EchoByte(value);
            return;
        }

        Span<byte> processed = stackalloc byte[MostExpanded];
        int count = Process(value, processed);
        foreach (byte one in processed[..count])
        {
            EchoByte(one);
        }
    }

    // Echo for which there is no room at all is lost, as what a terminal shows while nobody looks.
    private void EchoByte(byte value)
    {
        if (_echoCount < EchoSize)
        {
            _echo[(_echoStart + _echoCount) % EchoSize] = value;
            _echoCount++;
        }
    }
}
