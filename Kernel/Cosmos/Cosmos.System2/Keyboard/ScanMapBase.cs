using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>A keyboard layout. A kernel may derive its own, whose <see cref="InitKeys"/> fills <see cref="Keys"/>; it is constant once it is used.</summary>
[Owned]
public abstract class ScanMapBase
{
    private const byte Released = 0x80;

    /// <summary>The keys.</summary>
    protected List<KeyMapping> Keys = [];

    /// <summary>Makes the layout.</summary>
    protected ScanMapBase() => InitKeys();

    /// <summary>What a scan code types.</summary>
    /// <param name="scanKey">Scan code of set 1 without the prefix of extended keys; with its highest bit set when the key was released.</param>
    /// <param name="ctrl">Whether Ctrl is down.</param>
    /// <param name="shift">Whether Shift is down.</param>
    /// <param name="alt">Whether Alt is down.</param>
    /// <param name="numLock">Whether Num Lock is on.</param>
    /// <param name="capsLock">Whether Caps Lock is on.</param>
    /// <param name="scrollLock">Whether Scroll Lock is on.</param>
    /// <returns>Null when the layout has no such key.</returns>
    public KeyEvent? ConvertScanCode(byte scanKey, bool ctrl, bool shift, bool alt, bool numLock, bool capsLock, bool scrollLock)
    {
        _ = scrollLock;
        KeyEvent.KeyEventType type = (scanKey & Released) != 0 ? KeyEvent.KeyEventType.Break : KeyEvent.KeyEventType.Make;
        if (scanKey == 0)
        {
            return new KeyEvent();
        }

        KeyMapping? map = Find((byte)(scanKey & ~Released));
        return map is null
            ? null
            : new KeyEvent(CharacterOf(map, ctrl, shift, alt, numLock, capsLock), numLock ? map.NumLockKey : map.Key, shift, alt, ctrl, type);
    }

    /// <summary>Whether a scan code is that of a key.</summary>
    public bool ScanCodeMatchesKey(byte scanCode, ConsoleKeyEx key)
    {
        foreach (KeyMapping map in Keys)
        {
            if (map is not null && map.ScanCode == scanCode && map.Key == key)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The key of a scan code, without the bit of a released one; null when there is none.</summary>
    internal KeyMapping? Find(byte scanCode)
    {
        foreach (KeyMapping map in Keys)
        {
            if (map is not null && map.ScanCode == scanCode)
            {
                return map;
            }
        }

        return null;
    }

    /// <summary>Fills <see cref="Keys"/>.</summary>
    protected abstract void InitKeys();

    private static char CharacterOf(KeyMapping map, bool ctrl, bool shift, bool alt, bool numLock, bool capsLock)
    {
        if (ctrl)
        {
            bool upper = shift ^ capsLock;
            return alt ? (upper ? map.ControlAltShift : map.ControlAlt) : upper ? map.ControlShift : map.Control;
        }

        if (shift)
        {
            return capsLock ? map.ShiftCapsLock : numLock ? map.ShiftNumLock : map.Shift;
        }

        return capsLock ? map.CapsLock : numLock ? map.NumLock : map.Value;
    }
}
