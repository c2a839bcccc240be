using System;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>
/// A text screen of a kernel's own. The screens of this kernel are drivers, so <see cref="CosmosKernel.Modules.Consoles.ConsoleOutput"/> is the way to add one; this class is
/// here so that kernels compile which name it.
/// </summary>
public abstract class TextScreenBase
{
    /// <summary>Columns.</summary>
    public abstract ushort Cols { get; set; }

    /// <summary>Rows.</summary>
    public abstract ushort Rows { get; set; }

    /// <summary>Colour of text.</summary>
    [Atomic]
    public ConsoleColor Foreground { get; set; } = ConsoleColor.White;

    /// <summary>Colour behind text.</summary>
    [Atomic]
    public ConsoleColor Background { get; set; } = ConsoleColor.Black;

    /// <summary>The character at a place.</summary>
    public abstract byte this[int x, int y] { get; set; }

    /// <summary>Clears the screen.</summary>
    public abstract void Clear();

    /// <summary>Sets the colours of what is written next.</summary>
    public abstract void SetColors(ConsoleColor aForeground, ConsoleColor aBackground);

    /// <summary>The colours as a byte of VGA text mode.</summary>
    public abstract byte GetColor();

    /// <summary>Moves the cursor.</summary>
    public abstract void SetCursorPos(int x, int y);

    /// <summary>Scrolls by a row.</summary>
    public abstract void ScrollUp();

    /// <summary>Size of the cursor in percent.</summary>
    public abstract int GetCursorSize();

    /// <summary>Sets the size of the cursor in percent.</summary>
    public abstract void SetCursorSize(int value);

    /// <summary>Whether the cursor shows.</summary>
    public abstract bool GetCursorVisible();

    /// <summary>Shows or hides the cursor.</summary>
    public abstract void SetCursorVisible(bool value);
}
