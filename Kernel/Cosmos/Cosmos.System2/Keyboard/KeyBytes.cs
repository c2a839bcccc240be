using System;
using System.Text;

namespace Cosmos.System;

/// <summary>What a key sends to a terminal's reader: UTF-8, control characters with Ctrl, ESC before it with Alt, and xterm's sequences for keys without characters.</summary>
internal static class KeyBytes
{
    /// <summary>Bytes that a key gives at most.</summary>
    public const int Most = 16;

    private const byte Escape = 0x1B;

    /// <summary>Writes the bytes of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="output">Room for <see cref="Most"/>.</param>
    /// <returns>How many; 0 for a key that says nothing to a terminal.</returns>
    public static int Write(KeyEvent key, Span<byte> output)
    {
        // AltGr, which is Ctrl with Alt, makes characters.
        bool isAltGr = (key.Modifiers & (ConsoleModifiers.Alt | ConsoleModifiers.Control)) == (ConsoleModifiers.Alt | ConsoleModifiers.Control) && key.KeyChar != '\0';
        bool alt = (key.Modifiers & ConsoleModifiers.Alt) != 0 && !isAltGr;
        bool control = (key.Modifiers & ConsoleModifiers.Control) != 0 && !isAltGr;
        int plain = PlainOf(key, control);
        if (plain >= 0)
        {
            int count = 0;
            if (alt)
            {
                output[count++] = Escape;
            }

            return count + new Rune((char)plain).EncodeToUtf8(output[count..]);
        }

        return Sequence(key, output);
    }

    // The character that a terminal sends; -1 when it is a sequence or nothing.
    private static int PlainOf(KeyEvent key, bool control) => key.Key switch
    {
        ConsoleKeyEx.Enter or ConsoleKeyEx.NumEnter => '\r',
        ConsoleKeyEx.Backspace => control ? '\b' : 0x7F,
        ConsoleKeyEx.Escape => Escape,
        ConsoleKeyEx.Tab => (key.Modifiers & ConsoleModifiers.Shift) != 0 ? -1 : '\t',
        ConsoleKeyEx.Delete when key.KeyChar is '\b' or '\0' => -1,
        >= ConsoleKeyEx.Q and <= ConsoleKeyEx.M when control && Letter(key.Key) is var letter and > 0 => letter - 'A' + 1,
        ConsoleKeyEx.Spacebar when control => 0,
        ConsoleKeyEx.LBracket when control => Escape,
        ConsoleKeyEx.Backslash when control => 0x1C,
        ConsoleKeyEx.RBracket when control => 0x1D,
        ConsoleKeyEx.Slash or ConsoleKeyEx.Minus when control => 0x1F,
        _ => key.KeyChar != '\0' && !char.IsSurrogate(key.KeyChar) ? key.KeyChar : -1,
    };

    private static int Letter(ConsoleKeyEx key) => key.ToString() is [>= 'A' and <= 'Z' and var letter] ? letter : 0;

    private static int Sequence(KeyEvent key, Span<byte> output)
    {
        (int number, char final) = key.Key switch
        {
            ConsoleKeyEx.UpArrow => (0, 'A'),
            ConsoleKeyEx.DownArrow => (0, 'B'),
            ConsoleKeyEx.RightArrow => (0, 'C'),
            ConsoleKeyEx.LeftArrow => (0, 'D'),
            ConsoleKeyEx.Home => (0, 'H'),
            ConsoleKeyEx.End => (0, 'F'),
            ConsoleKeyEx.Tab => (0, 'Z'),
            ConsoleKeyEx.Insert => (2, '~'),
            ConsoleKeyEx.Delete => (3, '~'),
            ConsoleKeyEx.PageUp => (5, '~'),
            ConsoleKeyEx.PageDown => (6, '~'),
            >= ConsoleKeyEx.F1 and <= ConsoleKeyEx.F4 => (0, (char)('P' + (key.Key - ConsoleKeyEx.F1))),
            ConsoleKeyEx.F5 => (15, '~'),
            >= ConsoleKeyEx.F6 and <= ConsoleKeyEx.F10 => (17 + (key.Key - ConsoleKeyEx.F6), '~'),
            ConsoleKeyEx.F11 => (23, '~'),
            ConsoleKeyEx.F12 => (24, '~'),
            _ => (0, '\0'),
        };
        if (final == '\0')
        {
            return 0;
        }

        // Shift adds 1, Alt 2, Ctrl 4; the parameter is that plus 1, and is left out without modifiers. Shift+Tab has a sequence of its own.
        ConsoleModifiers pressed = key.Modifiers;
        int modifiers = final == 'Z'
            ? 1
            : 1 + ((pressed & ConsoleModifiers.Shift) != 0 ? 1 : 0) + ((pressed & ConsoleModifiers.Alt) != 0 ? 2 : 0) + ((pressed & ConsoleModifiers.Control) != 0 ? 4 : 0);
        string text = modifiers > 1
            ? $"\e[{(number == 0 ? 1 : number)};{modifiers}{final}"
            : final is >= 'P' and <= 'S' ? $"\eO{final}" : number == 0 ? $"\e[{final}" : $"\e[{number}{final}";
        return Encoding.ASCII.GetBytes(text, output);
    }
}
