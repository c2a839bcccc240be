using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>
/// Turns keys into what a terminal sends: UTF-8, control characters with Ctrl, ESC before it with Alt, and the sequences of xterm for other keys
/// (invisible-island.net/xterm/ctlseqs, "PC-Style Function Keys"). Allocates and throws nothing. Not synchronized.
/// </summary>
/// <param name="layout">What the keys mean.</param>
[NoAllocation]
[Owned]
internal sealed class KeyDecoder(KeyboardLayout layout)
{
    /// <summary>Bytes that one key gives at most.</summary>
    public const int MostBytes = 16;

    private const byte Control = 0x1D;
    private const byte LeftShift = 0x2A;
    private const byte RightShift = 0x36;
    private const byte Alt = 0x38;
    private const byte CapsLockKey = 0x3A;
    private const byte NumLockKey = 0x45;

    private bool _leftShift;
    private bool _rightShift;
    private bool _leftControl;
    private bool _rightControl;
    private bool _leftAlt;
    private bool _rightAlt;
    private char _dead;

    /// <summary>Caps Lock is on.</summary>
    public bool CapsLock { get; private set; }

    /// <summary>Num Lock is on: the keypad gives digits.</summary>
    public bool NumLock { get; private set; } = true;

    private bool IsShift => _leftShift || _rightShift;

    private bool IsAlt => _leftAlt || (_rightAlt && !layout.HasAltGr);

    private bool IsAltGr => _rightAlt && layout.HasAltGr;

    private bool IsControl => _leftControl || _rightControl;

    /// <summary>Takes a key that was pressed, repeats, or was released.</summary>
    /// <param name="key">The key, by Linux's number.</param>
    /// <param name="isDown">Pressed or repeated.</param>
    /// <param name="isRepeated">It was down already: locks do not change again.</param>
    /// <param name="output">Room for <see cref="MostBytes"/>.</param>
    /// <returns>How many bytes were typed.</returns>
    public int Press(int key, bool isDown, bool isRepeated, Span<byte> output)
    {
        if (!ScanCodes.TryFromKey(key, out byte code, out bool extended) || TryModifier(code, extended, isDown, isRepeated) || !isDown)
        {
            return 0;
        }

        return extended ? Special(ExtendedKey(code), output) : Plain(code, output);
    }

    private bool TryModifier(byte key, bool extended, bool pressed, bool repeated)
    {
        switch (key)
        {
            case LeftShift when !extended:
                _leftShift = pressed;
                return true;
            case RightShift when !extended:
                _rightShift = pressed;
                return true;
            case Control when extended:
                _rightControl = pressed;
                return true;
            case Control:
                _leftControl = pressed;
                return true;
            case Alt when extended:
                _rightAlt = pressed;
                return true;
            case Alt:
                _leftAlt = pressed;
                return true;
            case CapsLockKey:
                CapsLock ^= pressed && !repeated;
                return true;
            case NumLockKey when !extended:
                NumLock ^= pressed && !repeated;
                return true;
            default:
                return false;
        }
    }

    private int Plain(byte key, Span<byte> output)
    {
        switch (key)
        {
            case 0x01:
                return Byte(0x1B, output);
            case 0x0E:
                return Byte(IsControl ? (byte)0x08 : (byte)0x7F, output);
            case 0x0F:
                return IsShift ? Sequence(0, 'Z', output) : Byte((byte)'\t', output);
            case 0x1C:
                return Byte((byte)'\r', output);
            case 0x39:
                return Typed(IsControl ? '\0' : ' ', output);
            case 0x37:
                return Typed('*', output);
            case >= 0x47 and <= 0x53:
                return Keypad(key, output);
        }

        int function = FunctionKey(key);
        if (function != 0)
        {
            return Special(function, output);
        }

        bool shift = IsShift ^ (CapsLock && layout.IsLetter(key));
        char character = layout.CharacterOf(key, shift, IsAltGr);
        if (character == '\0')
        {
            return 0;
        }

        if (IsControl)
        {
            int control = ControlCharacter(character);
            return control >= 0 ? Typed((char)control, output) : 0;
        }

        return Typed(character, output);
    }

    private int Keypad(byte key, Span<byte> output)
    {
        const string Digits = "789-456+1230.";
        char character = Digits[key - 0x47];
        bool isOperator = character is '-' or '+';
        return isOperator || NumLock != IsShift ? Typed(character, output) : Special(ExtendedKey(key), output);
    }

    // A character: composed with a dead key, with ESC before it under Alt.
    private int Typed(char character, Span<byte> output)
    {
        char dead = _dead;
        _dead = '\0';
        if (dead == '\0' && character != '\0' && layout.IsDead(character))
        {
            _dead = character;
            return 0;
        }

        int count = 0;
        if (dead != '\0')
        {
            char composed = KeyboardLayout.Compose(dead, character);
            if (composed != '\0')
            {
                character = composed;
            }
            else
            {
                // What does not join: both, but a space or the dead key again gives the accent alone.
                count = Utf8(dead, output, 0);
                if (character == ' ' || character == dead)
                {
                    return count;
                }
            }
        }

        if (IsAlt)
        {
            output[count++] = 0x1B;
        }

        return Utf8(character, output, count);
    }

    private static int Utf8(char character, Span<byte> output, int count)
    {
        if (character < 0x80)
        {
            output[count++] = (byte)character;
        }
        else if (character < 0x800)
        {
            output[count++] = (byte)(0xC0 | (character >> 6));
            output[count++] = (byte)(0x80 | (character & 0x3F));
        }
        else
        {
            output[count++] = (byte)(0xE0 | (character >> 12));
            output[count++] = (byte)(0x80 | ((character >> 6) & 0x3F));
            output[count++] = (byte)(0x80 | (character & 0x3F));
        }

        return count;
    }

    private int Byte(byte value, Span<byte> output)
    {
        _dead = '\0';
        int count = 0;
        if (IsAlt)
        {
            output[count++] = 0x1B;
        }

        output[count++] = value;
        return count;
    }

    // The control character of a character (ECMA-48's columns 0 and 1); -1 when it has none.
    private static int ControlCharacter(char character) => character switch
    {
        >= 'a' and <= 'z' => character - 'a' + 1,
        >= '@' and <= '_' => character - '@',
        ' ' or '2' or '`' => 0,
        '3' => 0x1B,
        '4' => 0x1C,
        '5' => 0x1D,
        '6' or '~' => 0x1E,
        '7' or '/' or '-' => 0x1F,
        '8' or '?' => 0x7F,
        _ => -1,
    };

    // Special keys: a letter is the end of ESC [ LETTER (or ESC O for F1 to F4), a number that of ESC [ NUMBER ~.
    private static int FunctionKey(byte key) => key switch
    {
        >= 0x3B and <= 0x3E => 'P' + (key - 0x3B),
        0x3F => 15,
        >= 0x40 and <= 0x44 => 17 + (key - 0x40),
        0x57 => 23,
        0x58 => 24,
        _ => 0,
    };

    private static int ExtendedKey(byte key) => key switch
    {
        0x47 => 'H',
        0x48 => 'A',
        0x49 => 5,
        0x4B => 'D',
        0x4C => 'E',
        0x4D => 'C',
        0x4F => 'F',
        0x50 => 'B',
        0x51 => 6,
        0x52 => 2,
        0x53 => 3,
        0x1C => '\r',
        0x35 => '/',
        _ => 0,
    };

    private int Special(int key, Span<byte> output)
    {
        _dead = '\0';
        switch (key)
        {
            case 0:
                return 0;
            case '\r' or '/':
                return Byte((byte)key, output);
            case >= 'A':
                return Sequence(0, (char)key, output);
            default:
                return Sequence(key, '~', output);
        }
    }

    private int Sequence(int number, char final, Span<byte> output)
    {
        // Shift adds 1, Alt 2, Ctrl 4; the parameter is that plus 1 and is left out without modifiers. Shift+Tab has a sequence of its own.
        int modifiers = final == 'Z' ? 1 : 1 + (IsShift ? 1 : 0) + (IsAlt ? 2 : 0) + (IsControl ? 4 : 0);
        bool isFunction = final is >= 'P' and <= 'S';
        int count = 0;
        output[count++] = 0x1B;
        output[count++] = isFunction && modifiers == 1 ? (byte)'O' : (byte)'[';
        if (number >= 10)
        {
            output[count++] = (byte)('0' + (number / 10));
        }

        if (number > 0)
        {
            output[count++] = (byte)('0' + (number % 10));
        }

        if (modifiers > 1)
        {
            if (number == 0)
            {
                output[count++] = (byte)'1';
            }

            output[count++] = (byte)';';
            output[count++] = (byte)('0' + modifiers);
        }

        output[count++] = (byte)final;
        return count;
    }
}
