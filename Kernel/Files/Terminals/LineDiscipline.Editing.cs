using System;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

// Keys that edit or end the line.
public sealed partial class LineDiscipline
{
    // False: an ordinary character.
    [MightSleep]
    private bool Edit(byte value)
    {
        bool extended = Settings.Has(LocalFlags.Extended);
        if (Settings.Is(value, ControlCharacter.Erase))
        {
            EraseLast(value, byWord: false);
            return true;
        }

        if (Settings.Is(value, ControlCharacter.Kill))
        {
            EraseLine(value);
            return true;
        }

        if (extended && Settings.Is(value, ControlCharacter.WordErase))
        {
            EraseLast(value, byWord: true);
            return true;
        }

        if (extended && Settings.Is(value, ControlCharacter.LiteralNext))
        {
            _isLiteralNext = true;
            EchoLiteralNext();
            return true;
        }

        if (extended && Settings.Is(value, ControlCharacter.Reprint) && Settings.Has(LocalFlags.Echo))
        {
            Reprint(value);
            return true;
        }

        return EndsLine(value, extended);
    }

    private bool EndsLine(byte value, bool extended)
    {
        if (value == (byte)'\n')
        {
            if (Settings.Has(LocalFlags.Echo) || Settings.Has(LocalFlags.EchoNewline))
            {
                EndErasing();
                EchoRaw(value);
            }

            EndLine(value);
            return true;
        }

        if (Settings.Is(value, ControlCharacter.EndOfFile))
        {
            EndErasing();
            EndLine(0);
            return true;
        }

        if (!Settings.Is(value, ControlCharacter.EndOfLine) && !(extended && Settings.Is(value, ControlCharacter.EndOfLine2)))
        {
            return false;
        }

        if (Settings.Has(LocalFlags.Echo))
        {
            EndErasing();
            MarkLineColumn();
            EchoCharacter(value);
        }

        if (value == 0xFF && Settings.Has(InputFlags.MarkParity))
        {
            Put(value);
        }

        EndLine(value);
        return true;
    }

    private void EchoLiteralNext()
    {
        if (Settings.Has(LocalFlags.Echo))
        {
            EndErasing();
            if (Settings.Has(LocalFlags.EchoControl))
            {
                EchoRaw((byte)'^');
                EchoRaw(Backspace);
            }
        }
    }

    private void Reprint(byte value)
    {
        EndErasing();
        EchoCharacter(value);
        EchoRaw((byte)'\n');
        MarkLineColumn(always: true);
        for (long at = _lineStart; at < _head; at++)
        {
            EchoCharacter(_buffer[at % BufferSize]);
        }
    }

    private void EraseLine(byte key)
    {
        if (_head == _lineStart)
        {
            return;
        }

        if (!Settings.Has(LocalFlags.Echo))
        {
            _head = _lineStart;
            return;
        }

        if (!Settings.Has(LocalFlags.EchoKill) || !Settings.Has(LocalFlags.EchoKillErase) || !Settings.Has(LocalFlags.EchoErase))
        {
            _head = _lineStart;
            EndErasing();
            EchoCharacter(key);
            if (Settings.Has(LocalFlags.EchoKill))
            {
                EchoRaw((byte)'\n');
            }

            return;
        }

        while (_head > _lineStart && TryEraseCharacter(key, isErase: false))
        {
        }

        EndErasing();
    }

    private void EraseLast(byte key, bool byWord)
    {
        bool inWord = false;
        while (_head > _lineStart)
        {
            byte first = _buffer[CharacterStart() % BufferSize];
            if (byWord && IsWordByte(first))
            {
                inWord = true;
            }
            else if (byWord && inWord)
            {
                break;
            }

            if (!TryEraseCharacter(key, isErase: !byWord) || !byWord)
            {
                break;
            }
        }

        if (_head == _lineStart && Settings.Has(LocalFlags.Echo))
        {
            EndErasing();
        }
    }

    // Letters and digits, and everything of other alphabets.
    private static bool IsWordByte(byte value) => value == (byte)'_' || char.IsAsciiLetterOrDigit((char)value) || value >= 0x80;

    private long CharacterStart()
    {
        long start = _head - 1;
        while (start > _lineStart && IsContinuation(_buffer[start % BufferSize]))
        {
            start--;
        }

        return start;
    }

    // False when the line begins with a piece of a character, which stays.
    private bool TryEraseCharacter(byte key, bool isErase)
    {
        long start = CharacterStart();
        byte first = _buffer[start % BufferSize];
        if (IsContinuation(first))
        {
            return false;
        }

        long end = _head;
        _head = start;
        if (Settings.Has(LocalFlags.Echo))
        {
            EchoErased(first, start, end, key, isErase);
        }

        return true;
    }

    private void EchoErased(byte first, long start, long end, byte key, bool isErase)
    {
        if (Settings.Has(LocalFlags.EchoPrint))
        {
            if (!_isErasing)
            {
                EchoRaw((byte)'\\');
                _isErasing = true;
            }

            EchoCharacter(first);
            for (long at = start + 1; at < end; at++)
            {
                EchoRaw(_buffer[at % BufferSize]);
            }
        }
        else if (isErase && !Settings.Has(LocalFlags.EchoErase))
        {
            EchoCharacter(key);
        }
        else if (first == (byte)'\t')
        {
            EchoErasedTab(start);
        }
        else
        {
            bool isControl = IsControl(first);
            if (isControl && Settings.Has(LocalFlags.EchoControl))
            {
                EchoErasedColumn();
            }

            if (!isControl || Settings.Has(LocalFlags.EchoControl))
            {
                EchoErasedColumn();
            }
        }
    }

    private void EchoErasedColumn()
    {
        EchoRaw(Backspace);
        EchoRaw((byte)' ');
        EchoRaw(Backspace);
    }

    // The cursor goes back to where the tab began: the width of what stands between the tab before, or the beginning of the line, and this one.
    private void EchoErasedTab(long start)
    {
        int width = 0;
        bool afterTab = false;
        for (long at = start - 1; at >= _lineStart && !afterTab; at--)
        {
            byte value = _buffer[at % BufferSize];
            if (value == (byte)'\t')
            {
                afterTab = true;
            }
            else if (IsControl(value))
            {
                width += Settings.Has(LocalFlags.EchoControl) ? 2 : 0;
            }
            else if (!IsContinuation(value))
            {
                width++;
            }
        }

        if (!afterTab)
        {
            width += _lineColumn;
        }

        for (int count = TabWidth - (width % TabWidth); count > 0; count--)
        {
            EchoRaw(Backspace);
        }
    }

    private void EndErasing()
    {
        if (_isErasing)
        {
            EchoRaw((byte)'/');
            _isErasing = false;
        }
    }

    private bool IsContinuation(byte value) => (value & 0xC0) == 0x80 && Settings.Has(InputFlags.Utf8);

    private static bool IsControl(byte value) => value is < 0x20 or FirstControlAbove;
}
