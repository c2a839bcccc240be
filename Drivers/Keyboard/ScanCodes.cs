using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>
/// Puts the bytes of a keyboard (scan code set 1, which the controller translates to; IBM PS/2 keyboard specification) together to keys with Linux's numbers. Most keys without prefix have their
/// scan code as number. Not synchronized; allocates and throws nothing.
/// </summary>
[Owned]
[NoAllocation]
internal sealed class ScanCodes
{
    /// <summary>KEY_PAUSE.</summary>
    public const ushort Pause = 119;

    private const byte Released = 0x80;
    private const byte Extended = 0xE0;
    private const byte ExtendedTwice = 0xE1;
    private const ushort SystemRequest = 99;

    private bool _extended;
    private int _skip;

    /// <summary>What the bytes with prefix E0 mean: pairs of scan code and key.</summary>
    private static ReadOnlySpan<byte> ExtendedKeys =>
    [
        0x10, 165, 0x19, 163, 0x1C, 96, 0x1D, 97, 0x20, 113, 0x21, 140, 0x22, 164, 0x24, 166, 0x2E, 114, 0x30, 115, 0x32, 172, 0x35, 98, 0x37, 99, 0x38, 100, 0x46, 119,
        0x47, 102, 0x48, 103, 0x49, 104, 0x4B, 105, 0x4D, 106, 0x4F, 107, 0x50, 108, 0x51, 109, 0x52, 110, 0x53, 111, 0x5B, 125, 0x5C, 126, 0x5D, 127, 0x5E, 116, 0x5F, 142,
        0x63, 143, 0x65, 217, 0x66, 156, 0x67, 173, 0x68, 128, 0x69, 159, 0x6A, 158, 0x6B, 157, 0x6C, 155, 0x6D, 226,
    ];

    /// <summary>What the bytes above 0x58 without prefix mean.</summary>
    private static ReadOnlySpan<byte> RareKeys => [0x59, 117, 0x70, 93, 0x73, 89, 0x79, 92, 0x7B, 94, 0x7D, 124, 0x7E, 121];

    /// <summary>Takes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="code">The scan code, with E0 as its high byte when it had that prefix.</param>
    /// <param name="key">The key; 0 when it is none that is known.</param>
    /// <param name="isDown">Whether it was pressed.</param>
    /// <returns>True when a key is complete.</returns>
    public bool TryTake(byte value, out ushort code, out ushort key, out bool isDown)
    {
        (code, key, isDown) = (0, 0, false);
        if (_skip > 0)
        {
            // The Pause key: E1 and two bytes, pressed and released at once, so the release is what follows its second half.
            _skip--;
            (code, key, isDown) = (0xE11D, Pause, (value & Released) == 0);
            return _skip == 0;
        }

        switch (value)
        {
            case Extended:
                _extended = true;
                return false;
            case ExtendedTwice:
                _skip = 2;
                return false;
        }

        bool extended = _extended;
        _extended = false;
        byte plain = (byte)(value & ~Released);
        if (extended && (plain is 0x2A or 0x36))
        {
            // The keyboard feigns Shift around keys of the grey block.
            return false;
        }

        code = (ushort)(extended ? 0xE000 | plain : plain);
        key = KeyOf(plain, extended);
        isDown = (value & Released) == 0;
        return true;
    }

    /// <summary>Forgets a prefix: a byte was lost.</summary>
    public void Reset()
    {
        _extended = false;
        _skip = 0;
    }

    /// <summary>The scan code of a key.</summary>
    /// <returns>False when no PC keyboard has the key.</returns>
    public static bool TryFromKey(int key, out byte code, out bool extended)
    {
        extended = false;
        code = 0;
        if (key is > 0 and <= 0x53 or >= 0x56 and <= 0x58)
        {
            code = (byte)key;
            return true;
        }

        extended = TryFind(ExtendedKeys, key, out code);
        return extended || TryFind(RareKeys, key, out code);
    }

    /// <summary>The key of a scan code; 0 for none that is known.</summary>
    public static ushort KeyOf(byte code, bool extended)
    {
        if (!extended && (code is (> 0 and <= 0x53) or (>= 0x56 and <= 0x58)))
        {
            return code;
        }

        if (!extended && code == 0x54)
        {
            return SystemRequest;
        }

        ReadOnlySpan<byte> pairs = extended ? ExtendedKeys : RareKeys;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] == code)
            {
                return pairs[i + 1];
            }
        }

        return 0;
    }

    private static bool TryFind(ReadOnlySpan<byte> pairs, int key, out byte code)
    {
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i + 1] == key)
            {
                code = pairs[i];
                return true;
            }
        }

        code = 0;
        return false;
    }
}
