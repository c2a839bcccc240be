using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>
/// What the keys of a keyboard mean: for each of the four levels (plain, Shift, AltGr, Shift and AltGr) the characters of the rows of keys, in the order of <see cref="Keys"/>.
/// A space is a key that has no character on this level. A dead key's character joins the next one typed. To add a layout: a property as those below, and its name in <see cref="Find"/>.
/// </summary>
internal sealed class KeyboardLayout
{
    /// <summary>Scan codes (set 1) of the keys whose characters differ between layouts: number row, three rows of letters, and the key that ISO keyboards have beside the left Shift.</summary>
    public static ReadOnlySpan<byte> Keys =>
    [
        0x29, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B,
        0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2B,
        0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35,
        0x56,
    ];

    private const int Levels = 4;
    private const int ScanCodes = 128;

    // By level and scan code; 0 where the key has no character.
    [Immutable]
    private readonly char[] _characters = new char[Levels * ScanCodes];

    private readonly string _dead;

    /// <summary>Makes a layout.</summary>
    /// <param name="name">What the parameter calls it.</param>
    /// <param name="plain">Characters of the first level.</param>
    /// <param name="shift">With Shift.</param>
    /// <param name="altGr">With AltGr.</param>
    /// <param name="shiftAltGr">With both.</param>
    /// <param name="dead">Characters that join the next one.</param>
    private KeyboardLayout(string name, string plain, string shift, string altGr, string shiftAltGr, string dead)
    {
        Name = name;
        HasAltGr = altGr.Length > 0;
        _dead = dead;
        int level = 0;
        foreach (string characters in (ReadOnlySpan<string>)[plain, shift, altGr, shiftAltGr])
        {
            if (characters.Length > Keys.Length)
            {
                throw new ArgumentException($"layout {name} has {characters.Length} characters for {Keys.Length} keys");
            }

            for (int i = 0; i < characters.Length; i++)
            {
                _characters[(level * ScanCodes) + Keys[i]] = characters[i] == ' ' ? '\0' : characters[i];
            }

            level++;
        }
    }

    /// <summary>United States.</summary>
    public static KeyboardLayout UnitedStates => new(
        "us",
        @"`1234567890-=qwertyuiop[]asdfghjkl;'\zxcvbnm,./\",
        "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|ZXCVBNM<>?|",
        "",
        "",
        "");

    /// <summary>German (DIN 2137, T1).</summary>
    public static KeyboardLayout German => new(
        "de",
        "^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-<",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_>",
        @"  ²³   {[]}\ @ €        ~                  µ   |",
        "",
        "^´`");

    /// <summary>French (AZERTY).</summary>
    public static KeyboardLayout French => new(
        "fr",
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!<",
        " 1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§>",
        @"  ~#{[|`\^@]}  €        ¤",
        "",
        "^¨");

    /// <summary>What the parameter calls it.</summary>
    public string Name { get; }

    /// <summary>Whether the right Alt key selects characters; otherwise it is as the left one.</summary>
    public bool HasAltGr { get; }

    /// <summary>A layout by name; null when there is none of it.</summary>
    public static KeyboardLayout? Find(string name) => name switch
    {
        "us" => UnitedStates,
        "de" => German,
        "fr" => French,
        _ => null,
    };

    /// <summary>The character of a key; 0 when it has none on this level.</summary>
    public char CharacterOf(byte scanCode, bool shift, bool altGr)
    {
        int level = (shift ? 1 : 0) + (altGr ? 2 : 0);
        return _characters[(level * ScanCodes) + (scanCode & 0x7F)];
    }

    /// <summary>Whether a character waits for the next one.</summary>
    public bool IsDead(char character) => _dead.Contains(character);

    /// <summary>Whether Caps Lock exchanges the key's first two levels: those of a letter.</summary>
    public bool IsLetter(byte scanCode)
    {
        char plain = CharacterOf(scanCode, shift: false, altGr: false);
        char shifted = CharacterOf(scanCode, shift: true, altGr: false);
        return plain is (>= 'a' and <= 'z') or (>= '\u00E0' and <= '\u00FE' and not '\u00F7') && shifted == plain - 0x20;
    }

    /// <summary>Joins a dead key's character with the one after it; 0 when they do not join.</summary>
    public static char Compose(char accent, char letter)
    {
        const string Letters = "aeiouyAEIOUYnN";
        ReadOnlySpan<char> composed = accent switch
        {
            '^' => "âêîôû\0ÂÊÎÔÛ\0\0\0",
            '´' => "áéíóúýÁÉÍÓÚÝńŃ",
            '`' => "àèìòù\0ÀÈÌÒÙ\0\0\0",
            '¨' => "äëïöüÿÄËÏÖÜŸ\0\0",
            _ => "",
        };
        int index = Letters.IndexOf(letter);
        return index >= 0 && index < composed.Length ? composed[index] : '\0';
    }
}
