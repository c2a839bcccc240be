using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>What a key types in each state of the keyboard; 0 for nothing. Set before the layout is used, constant afterwards.</summary>
[Owned]
public class KeyMapping
{
    /// <summary>Scan code of set 1, without the prefix of extended keys.</summary>
    public byte ScanCode;

    /// <summary>Without any other key.</summary>
    public char Value;

    /// <summary>With Ctrl.</summary>
    public char Control;

    /// <summary>With Shift.</summary>
    public char Shift;

    /// <summary>With Num Lock on.</summary>
    public char NumLock;

    /// <summary>With Caps Lock on.</summary>
    public char CapsLock;

    /// <summary>With Shift while Caps Lock is on.</summary>
    public char ShiftCapsLock;

    /// <summary>With Shift while Num Lock is on.</summary>
    public char ShiftNumLock;

    /// <summary>With Ctrl and Alt, or AltGr.</summary>
    public char ControlAlt;

    /// <summary>With Ctrl and Shift.</summary>
    public char ControlShift;

    /// <summary>With Ctrl, Alt and Shift, or AltGr and Shift.</summary>
    public char ControlAltShift;

    /// <summary>The key.</summary>
    public ConsoleKeyEx Key;

    /// <summary>The key while Num Lock is on.</summary>
    public ConsoleKeyEx NumLockKey;

    /// <summary>A key with everything.</summary>
    public KeyMapping(
        byte scanCode, char normal, char shift, char num, char caps, char shiftCapsLock, char shiftNumLock, char ctrlAlt, char ctrlAltShift, char ctrl, char shiftCtrl, ConsoleKeyEx key, ConsoleKeyEx numKey)
    {
        ScanCode = scanCode;
        Value = normal;
        Shift = shift;
        NumLock = num;
        CapsLock = caps;
        ShiftCapsLock = shiftCapsLock;
        ShiftNumLock = shiftNumLock;
        ControlAlt = ctrlAlt;
        ControlAltShift = ctrlAltShift;
        Control = ctrl;
        ControlShift = shiftCtrl;
        Key = key;
        NumLockKey = numKey;
    }

    /// <summary>A key without characters of Ctrl.</summary>
    public KeyMapping(
        byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, char ctrlAlt, char ctrlAltShift, ConsoleKeyEx key, ConsoleKeyEx numKey)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, ctrlAlt, ctrlAltShift, '\0', '\0', key, numKey)
    {
    }

    /// <summary>A key with a character of AltGr.</summary>
    public KeyMapping(byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, char ctrlAlt, ConsoleKeyEx key, ConsoleKeyEx numKey)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, ctrlAlt, '\0', '\0', '\0', key, numKey)
    {
    }

    /// <summary>A key that Num Lock does not change, with everything.</summary>
    public KeyMapping(
        byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, char ctrlAlt, char ctrlAltShift, char ctrl, char shiftCtrl, ConsoleKeyEx key)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, ctrlAlt, ctrlAltShift, ctrl, shiftCtrl, key, key)
    {
    }

    /// <summary>A key that Num Lock does not change, with characters of AltGr.</summary>
    public KeyMapping(byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, char ctrlAlt, char ctrlAltShift, ConsoleKeyEx aKey)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, ctrlAlt, ctrlAltShift, '\0', '\0', aKey, aKey)
    {
    }

    /// <summary>A key that Num Lock does not change, with a character of AltGr.</summary>
    public KeyMapping(byte scanCode, char normal, char shift, char num, char capsLock, char shiftCapsLock, char shiftNumLock, char ctrlAlt, ConsoleKeyEx key)
        : this(scanCode, normal, shift, num, capsLock, shiftCapsLock, shiftNumLock, ctrlAlt, '\0', '\0', '\0', key, key)
    {
    }

    /// <summary>A key of characters.</summary>
    public KeyMapping(byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, ConsoleKeyEx key)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, '\0', '\0', '\0', '\0', key, key)
    {
    }

    /// <summary>A key of characters that is another one while Num Lock is on.</summary>
    public KeyMapping(byte scanCode, char normal, char shift, char numLock, char capsLock, char shiftCapsLock, char shiftNumLock, ConsoleKeyEx key, ConsoleKeyEx numKey)
        : this(scanCode, normal, shift, numLock, capsLock, shiftCapsLock, shiftNumLock, '\0', '\0', '\0', '\0', key, numKey)
    {
    }

    /// <summary>A key of the keypad.</summary>
    public KeyMapping(byte scanCode, char numLock, ConsoleKeyEx key, ConsoleKeyEx numKey)
        : this(scanCode, '\0', '\0', numLock, '\0', '\0', '\0', key, numKey)
    {
    }

    /// <summary>A key that types the same whatever else is pressed.</summary>
    public KeyMapping(byte scanCode, char n, ConsoleKeyEx key)
        : this(scanCode, n, n, n, n, n, n, key)
    {
    }

    /// <summary>A key that types nothing.</summary>
    public KeyMapping(byte scanCode, ConsoleKeyEx key)
        : this(scanCode, '\0', '\0', '\0', '\0', '\0', '\0', key)
    {
    }
}
