using System;
using System.Globalization;
using System.Text;
using Cosmos.System.ScanMaps;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>Keys of what a terminal sends: the other way round than <see cref="KeyBytes"/>. For kernels whose keyboard is a serial console.</summary>
internal static class TerminalKeys
{
    private const byte Escape = 0x1B;
    private const int MostParameters = 12;

    [Protocol("Filled when it is made, and only read.")]
    private static readonly ScanMapBase s_layout = new US_Standard();

    /// <summary>Reads the bytes of one key.</summary>
    /// <param name="next">Gives the next byte; -1 when none follows soon.</param>
    /// <returns>Null when there was none, or a sequence of no known key.</returns>
    [MightSleep]
    public static KeyEvent? Read(Func<int> next)
    {
        int first = next();
        if (first != Escape)
        {
            return first < 0 ? null : OfByte(first, next, alt: false);
        }

        int second = next();
        return second switch
        {
            < 0 => Of('\0', ConsoleKeyEx.Escape),
            '[' => OfSequence(next),
            'O' => Function(next(), ConsoleModifiers.None),
            _ => OfByte(second, next, alt: true),
        };
    }

    /// <summary>The key of a character, with Shift when it takes that on a United States keyboard; of no key when it is not on it.</summary>
    internal static KeyEvent OfCharacter(char character, bool alt)
    {
        for (int code = 1; code < 0x80; code++)
        {
            KeyMapping? map = s_layout.Find((byte)code);
            if (map is not null && character != '\0' && (map.Value == character || map.Shift == character))
            {
                return new KeyEvent(character, map.Key, map.Value != character, alt, false, KeyEvent.KeyEventType.Make);
            }
        }

        return new KeyEvent(character, ConsoleKeyEx.NoName, false, alt, false, KeyEvent.KeyEventType.Make);
    }

    private static KeyEvent? OfByte(int value, Func<int> next, bool alt)
    {
        switch (value)
        {
            case '\r' or '\n':
                return Of('\0', ConsoleKeyEx.Enter, alt: alt);
            case 0x7F or '\b':
                return Of('\0', ConsoleKeyEx.Backspace, alt: alt);
            case '\t':
                return Of('\t', ConsoleKeyEx.Tab, alt: alt);
            case 0:
                return Of('\0', ConsoleKeyEx.Spacebar, control: true, alt: alt);
            case <= 26:
                return Of('\0', Enum.Parse<ConsoleKeyEx>(((char)('A' + value - 1)).ToString()), control: true, alt: alt);
            case < 0x20:
                return Of('\0', ConsoleKeyEx.NoName, control: true, alt: alt);
            case < 0x80:
                return OfCharacter((char)value, alt);
            default:
                return OfUtf8(value, next, alt);
        }
    }

    private static KeyEvent? OfUtf8(int first, Func<int> next, bool alt)
    {
        int length = first switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
        Span<byte> bytes = stackalloc byte[4];
        bytes[0] = (byte)first;
        for (int i = 1; i < length; i++)
        {
            int value = next();
            if (value < 0)
            {
                return null;
            }

            bytes[i] = (byte)value;
        }

        _ = Rune.DecodeFromUtf8(bytes[..length], out Rune rune, out _);
        return rune.IsBmp ? OfCharacter((char)rune.Value, alt) : null;
    }

    // ESC [ NUMBER ; MODIFIERS FINAL.
    private static KeyEvent? OfSequence(Func<int> next)
    {
        var parameters = new StringBuilder();
        int value = next();
        while (value is >= '0' and <= '9' or ';' && parameters.Length < MostParameters)
        {
            parameters.Append((char)value);
            value = next();
        }

        string[] numbers = parameters.ToString().Split(';');
        _ = int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        int pressed = numbers.Length > 1 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parameter) ? parameter - 1 : 0;
        ConsoleModifiers modifiers = ((pressed & 1) != 0 ? ConsoleModifiers.Shift : 0) | ((pressed & 2) != 0 ? ConsoleModifiers.Alt : 0) | ((pressed & 4) != 0 ? ConsoleModifiers.Control : 0);
        if (value != '~')
        {
            return Function(value, modifiers);
        }

        ConsoleKeyEx key = number switch
        {
            1 or 7 => ConsoleKeyEx.Home,
            2 => ConsoleKeyEx.Insert,
            3 => ConsoleKeyEx.Delete,
            4 or 8 => ConsoleKeyEx.End,
            5 => ConsoleKeyEx.PageUp,
            6 => ConsoleKeyEx.PageDown,
            15 => ConsoleKeyEx.F5,
            >= 17 and <= 21 => ConsoleKeyEx.F6 + (number - 17),
            23 => ConsoleKeyEx.F11,
            24 => ConsoleKeyEx.F12,
            _ => ConsoleKeyEx.NoName,
        };
        return key == ConsoleKeyEx.NoName ? null : new KeyEvent { Key = key, Modifiers = modifiers };
    }

    private static KeyEvent? Function(int final, ConsoleModifiers modifiers)
    {
        ConsoleKeyEx key = final switch
        {
            'A' => ConsoleKeyEx.UpArrow,
            'B' => ConsoleKeyEx.DownArrow,
            'C' => ConsoleKeyEx.RightArrow,
            'D' => ConsoleKeyEx.LeftArrow,
            'H' => ConsoleKeyEx.Home,
            'F' => ConsoleKeyEx.End,
            'Z' => ConsoleKeyEx.Tab,
            >= 'P' and <= 'S' => ConsoleKeyEx.F1 + (final - 'P'),
            _ => ConsoleKeyEx.NoName,
        };
        return key == ConsoleKeyEx.NoName ? null : new KeyEvent { KeyChar = final == 'Z' ? '\t' : '\0', Key = key, Modifiers = final == 'Z' ? ConsoleModifiers.Shift : modifiers };
    }

    private static KeyEvent Of(char character, ConsoleKeyEx key, bool control = false, bool alt = false) => new(character, key, false, alt, control, KeyEvent.KeyEventType.Make);
}
