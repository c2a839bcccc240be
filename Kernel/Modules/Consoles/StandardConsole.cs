using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Modules.Consoles;

/// <summary>
/// What .NET's <c>System.Console</c> reads and writes: the kernel console, with a line discipline for input (echo, backspace, Ctrl-U, Ctrl-D) as terminals have it.
/// </summary>
public sealed class StandardConsole : ConsoleDevice
{
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly Queue<byte> _ready = new();

    [GuardedBy(nameof(_lock))]
    private readonly List<byte> _line = [];

    // Bytes in _ready, for those who only ask: a reader holds the lock while it waits for input.
    [Atomic]
    private int _readyCount;

    /// <inheritdoc/>
    [Atomic]
    public override bool Raw { get; set; }

    /// <inheritdoc/>
    public override bool HasInput => Volatile.Read(ref _readyCount) > 0 || (Raw && KernelConsole.Input.HasData);

    /// <inheritdoc/>
    public override (ushort Columns, ushort Rows) Size => ((ushort)KernelConsole.Size.Columns, (ushort)KernelConsole.Size.Rows);

    private static ReadOnlySpan<byte> CursorPositionRequest => "\e[6n"u8;

    /// <inheritdoc/>
    [MightSleep]
    public override void Write(ReadOnlySpan<byte> text)
    {
        // A request for the cursor's position is answered here, as typed input: there may be several terminals, or none that answers.
        int request;
        while ((request = text.IndexOf(CursorPositionRequest)) >= 0)
        {
            KernelConsole.Write(text[..request]);
            (int column, int row) = KernelConsole.Cursor;
            KernelConsole.Input.Add(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\e[{row + 1};{column + 1}R")));
            text = text[(request + CursorPositionRequest.Length)..];
        }

        KernelConsole.Write(text);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override int Read(Span<byte> buffer)
    {
        lock (_lock)
        {
            while (_ready.Count == 0)
            {
                if (!KernelConsole.Input.Read(out byte value))
                {
                    return 0;
                }

                if (Raw)
                {
                    // As terminals do in every mode that System.Console sets: the Return key ends a line (ICRNL of termios(3)).
                    _ready.Enqueue(value == (byte)'\r' ? (byte)'\n' : value);
                }
                else if (Edit(value))
                {
                    return 0;
                }
            }

            int count = 0;
            while (count < buffer.Length && _ready.TryDequeue(out byte next))
            {
                buffer[count++] = next;
            }

            Volatile.Write(ref _readyCount, _ready.Count);
            return count;
        }
    }

    // True at end of file: Ctrl-D on an empty line.
    [RequiresLock(nameof(_lock))]
    private bool Edit(byte value)
    {
        switch (value)
        {
            case (byte)'\r' or (byte)'\n':
                KernelConsole.Write("\n"u8);
                _line.Add((byte)'\n');
                Deliver();
                return false;
            case 4:
                bool end = _line.Count == 0;
                Deliver();
                return end;
            case 8 or 127:
                Erase();
                return false;
            case 21:
                while (_line.Count > 0)
                {
                    Erase();
                }

                return false;
            default:
                if (value is >= 32 or (byte)'\t')
                {
                    _line.Add(value);
                    KernelConsole.Write([value]);
                }

                return false;
        }
    }

    [RequiresLock(nameof(_lock))]
    private void Deliver()
    {
        foreach (byte value in _line)
        {
            _ready.Enqueue(value);
        }

        _line.Clear();
    }

    // One character back: a UTF-8 sequence is one.
    [RequiresLock(nameof(_lock))]
    private void Erase()
    {
        if (_line.Count == 0)
        {
            return;
        }

        while (_line.Count > 1 && (_line[^1] & 0xC0) == 0x80)
        {
            _line.RemoveAt(_line.Count - 1);
        }

        _line.RemoveAt(_line.Count - 1);
        KernelConsole.Write("\b \b"u8);
    }
}
