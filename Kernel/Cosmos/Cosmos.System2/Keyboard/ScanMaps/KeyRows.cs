using System;
using System.Collections.Generic;

namespace Cosmos.System.ScanMaps;

/// <summary>Makes the keys of a layout from the characters of its rows; all other keys are the same in all layouts.</summary>
internal static class KeyRows
{
    // The keys whose characters differ between layouts: number row, three rows of letters, and the key that ISO keyboards have beside the left Shift.
    private static ReadOnlySpan<byte> ScanCodes =>
    [
        0x29, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B,
        0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2B,
        0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35,
        0x56,
    ];

    // What a key is called where it types nothing that has a name of its own.
    private static ReadOnlySpan<ConsoleKeyEx> Positions =>
    [
        ConsoleKeyEx.Backquote, ConsoleKeyEx.D1, ConsoleKeyEx.D2, ConsoleKeyEx.D3, ConsoleKeyEx.D4, ConsoleKeyEx.D5, ConsoleKeyEx.D6, ConsoleKeyEx.D7, ConsoleKeyEx.D8,
        ConsoleKeyEx.D9, ConsoleKeyEx.D0, ConsoleKeyEx.Minus, ConsoleKeyEx.Equal,
        ConsoleKeyEx.Q, ConsoleKeyEx.W, ConsoleKeyEx.E, ConsoleKeyEx.R, ConsoleKeyEx.T, ConsoleKeyEx.Y, ConsoleKeyEx.U, ConsoleKeyEx.I, ConsoleKeyEx.O, ConsoleKeyEx.P,
        ConsoleKeyEx.LBracket, ConsoleKeyEx.RBracket,
        ConsoleKeyEx.A, ConsoleKeyEx.S, ConsoleKeyEx.D, ConsoleKeyEx.F, ConsoleKeyEx.G, ConsoleKeyEx.H, ConsoleKeyEx.J, ConsoleKeyEx.K, ConsoleKeyEx.L,
        ConsoleKeyEx.Semicolon, ConsoleKeyEx.Apostrophe, ConsoleKeyEx.Backslash,
        ConsoleKeyEx.Z, ConsoleKeyEx.X, ConsoleKeyEx.C, ConsoleKeyEx.V, ConsoleKeyEx.B, ConsoleKeyEx.N, ConsoleKeyEx.M, ConsoleKeyEx.Comma, ConsoleKeyEx.Period, ConsoleKeyEx.Slash,
        ConsoleKeyEx.OEM102,
    ];

    /// <summary>Makes all keys.</summary>
    /// <param name="plain">Characters of the keys, row after row; a space where there is none.</param>
    /// <param name="shift">With Shift.</param>
    /// <param name="altGr">With AltGr, or Ctrl and Alt; may end early.</param>
    /// <param name="altGrShift">With AltGr and Shift; may end early.</param>
    /// <param name="decimalSeparator">What the keypad's last key types.</param>
    public static List<KeyMapping> Make(string plain, string shift, string altGr = "", string altGrShift = "", char decimalSeparator = '.')
    {
        var keys = new List<KeyMapping>(100) { new(0x00, ConsoleKeyEx.NoName) };
        for (int i = 0; i < ScanCodes.Length; i++)
        {
            char low = At(plain, i);
            char high = At(shift, i);
            if (low == '\0' && high == '\0')
            {
                continue;
            }

            bool isLetter = char.IsLower(low) && char.IsUpper(high);
            keys.Add(new KeyMapping(
                ScanCodes[i], low, high, low, isLetter ? high : low, isLetter ? low : high, high, At(altGr, i), At(altGrShift, i), KeyOf(i, low)));
        }

        AddOthers(keys, decimalSeparator);
        return keys;
    }

    private static char At(string characters, int index) => index < characters.Length && characters[index] != ' ' ? characters[index] : '\0';

    // A key that types a letter is called by the letter, wherever it is; French digits, which need Shift, by their place.
    private static ConsoleKeyEx KeyOf(int index, char character) => character switch
    {
        >= 'a' and <= 'z' => Enum.Parse<ConsoleKeyEx>(((char)(character - 0x20)).ToString()),
        ',' => ConsoleKeyEx.Comma,
        ';' => ConsoleKeyEx.Semicolon,
        ':' => ConsoleKeyEx.Colon,
        '!' => ConsoleKeyEx.ExclamationPoint,
        '.' => ConsoleKeyEx.Period,
        '/' => ConsoleKeyEx.Slash,
        '-' => index is > 0 and < 11 ? Positions[index] : ConsoleKeyEx.Minus,
        '=' => ConsoleKeyEx.Equal,
        '[' => ConsoleKeyEx.LBracket,
        ']' => ConsoleKeyEx.RBracket,
        '\'' => index is > 0 and < 11 ? Positions[index] : ConsoleKeyEx.Apostrophe,
        _ => Positions[index],
    };

    private static void AddOthers(List<KeyMapping> keys, char decimalSeparator)
    {
        keys.Add(new KeyMapping(0x01, ConsoleKeyEx.Escape));
        keys.Add(new KeyMapping(0x0E, ConsoleKeyEx.Backspace));
        keys.Add(new KeyMapping(0x0F, '\t', ConsoleKeyEx.Tab));
        keys.Add(new KeyMapping(0x1C, ConsoleKeyEx.Enter));
        keys.Add(new KeyMapping(0x1D, ConsoleKeyEx.LCtrl));
        keys.Add(new KeyMapping(0x2A, ConsoleKeyEx.LShift));
        keys.Add(new KeyMapping(0x36, ConsoleKeyEx.RShift));
        keys.Add(new KeyMapping(0x37, '*', ConsoleKeyEx.NumMultiply));
        keys.Add(new KeyMapping(0x38, ConsoleKeyEx.LAlt));
        keys.Add(new KeyMapping(0x39, ' ', ConsoleKeyEx.Spacebar));
        keys.Add(new KeyMapping(0x3A, ConsoleKeyEx.CapsLock));
        for (byte i = 0; i < 10; i++)
        {
            keys.Add(new KeyMapping((byte)(0x3B + i), ConsoleKeyEx.F1 + i));
        }

        keys.Add(new KeyMapping(0x57, ConsoleKeyEx.F11));
        keys.Add(new KeyMapping(0x58, ConsoleKeyEx.F12));
        keys.Add(new KeyMapping(0x45, ConsoleKeyEx.NumLock));
        keys.Add(new KeyMapping(0x46, ConsoleKeyEx.ScrollLock));
        keys.Add(new KeyMapping(0x47, '7', ConsoleKeyEx.Home, ConsoleKeyEx.Num7));
        keys.Add(new KeyMapping(0x48, '8', ConsoleKeyEx.UpArrow, ConsoleKeyEx.Num8));
        keys.Add(new KeyMapping(0x49, '9', ConsoleKeyEx.PageUp, ConsoleKeyEx.Num9));
        keys.Add(new KeyMapping(0x4A, '-', ConsoleKeyEx.NumMinus));
        keys.Add(new KeyMapping(0x4B, '4', ConsoleKeyEx.LeftArrow, ConsoleKeyEx.Num4));
        keys.Add(new KeyMapping(0x4C, '5', ConsoleKeyEx.Num5, ConsoleKeyEx.Num5));
        keys.Add(new KeyMapping(0x4D, '6', ConsoleKeyEx.RightArrow, ConsoleKeyEx.Num6));
        keys.Add(new KeyMapping(0x4E, '+', ConsoleKeyEx.NumPlus));
        keys.Add(new KeyMapping(0x4F, '1', ConsoleKeyEx.End, ConsoleKeyEx.Num1));
        keys.Add(new KeyMapping(0x50, '2', ConsoleKeyEx.DownArrow, ConsoleKeyEx.Num2));
        keys.Add(new KeyMapping(0x51, '3', ConsoleKeyEx.PageDown, ConsoleKeyEx.Num3));
        keys.Add(new KeyMapping(0x52, '0', ConsoleKeyEx.Insert, ConsoleKeyEx.Num0));
        keys.Add(new KeyMapping(0x53, decimalSeparator, ConsoleKeyEx.Delete, ConsoleKeyEx.NumPeriod));
        keys.Add(new KeyMapping(0x5B, ConsoleKeyEx.LWin));
        keys.Add(new KeyMapping(0x5C, ConsoleKeyEx.RWin));
        keys.Add(new KeyMapping(0x5D, ConsoleKeyEx.Menu));
    }
}
