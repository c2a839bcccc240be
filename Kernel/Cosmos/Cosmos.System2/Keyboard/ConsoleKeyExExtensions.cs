using System;

namespace Cosmos.System;

/// <summary>.NET's names of Cosmos's keys.</summary>
public static class ConsoleKeyExExtensions
{
    /// <summary>The key as <c>System.Console</c> names it.</summary>
    /// <exception cref="ArgumentException">.NET has no name for it: Shift, Ctrl, Alt and the locks.</exception>
    public static ConsoleKey ToConsoleKey(this ConsoleKeyEx keyEx) => keyEx switch
    {
        ConsoleKeyEx.NoName => ConsoleKey.NoName,
        >= ConsoleKeyEx.F1 and <= ConsoleKeyEx.F12 => ConsoleKey.F1 + (keyEx - ConsoleKeyEx.F1),
        >= ConsoleKeyEx.D1 and <= ConsoleKeyEx.D9 => ConsoleKey.D1 + (keyEx - ConsoleKeyEx.D1),
        ConsoleKeyEx.BiggerThan or ConsoleKeyEx.ExclamationPoint or ConsoleKeyEx.Period => ConsoleKey.OemPeriod,
        ConsoleKeyEx.LowerThan or ConsoleKeyEx.Comma => ConsoleKey.OemComma,
        ConsoleKeyEx.Semicolon or ConsoleKeyEx.Colon => ConsoleKey.Oem1,
        ConsoleKeyEx.Slash => ConsoleKey.Oem2,
        ConsoleKeyEx.Backquote => ConsoleKey.Oem3,
        ConsoleKeyEx.LBracket => ConsoleKey.Oem4,
        ConsoleKeyEx.Backslash or ConsoleKeyEx.OEM5 => ConsoleKey.Oem5,
        ConsoleKeyEx.RBracket => ConsoleKey.Oem6,
        ConsoleKeyEx.Apostrophe => ConsoleKey.Oem7,
        ConsoleKeyEx.OEM102 => ConsoleKey.Oem102,
        ConsoleKeyEx.Minus or ConsoleKeyEx.NumMinus => ConsoleKey.OemMinus,
        ConsoleKeyEx.Equal or ConsoleKeyEx.NumPlus => ConsoleKey.OemPlus,
        ConsoleKeyEx.NumDivide => ConsoleKey.Divide,
        ConsoleKeyEx.NumMultiply => ConsoleKey.Multiply,
        ConsoleKeyEx.NumPeriod => ConsoleKey.Decimal,
        ConsoleKeyEx.NumEnter => ConsoleKey.Enter,
        ConsoleKeyEx.PauseBreak => ConsoleKey.Pause,
        ConsoleKeyEx.LWin => ConsoleKey.LeftWindows,
        ConsoleKeyEx.RWin => ConsoleKey.RightWindows,
        ConsoleKeyEx.Menu => ConsoleKey.Applications,
        >= ConsoleKeyEx.Num7 and <= ConsoleKeyEx.Num0 when char.IsAsciiDigit(keyEx.ToString()[3]) => ConsoleKey.D0 + (keyEx.ToString()[3] - '0'),

        // Letters, and keys that both name alike.
        _ => Enum.TryParse(keyEx.ToString(), out ConsoleKey key) ? key : throw new ArgumentException($"System.ConsoleKey has no name for {keyEx}", nameof(keyEx)),
    };
}
