using System;
using System.Text;
using Cosmos.HAL;
using CosmosKernel.Machine.Locking;
using SystemConsole = System.Console;

namespace Cosmos.System;

/// <summary>The console by Cosmos's names; everything goes through <c>System.Console</c>. Task context.</summary>
public class Console
{
    [Atomic]
    private volatile bool _cursorVisible = true;

    /// <summary>The console of all drivers.</summary>
    /// <param name="textScreen">Null.</param>
    /// <exception cref="NotSupportedException">A screen of the kernel's own was given.</exception>
    public Console(TextScreenBase? textScreen)
    {
        if (textScreen is not null)
        {
            throw new NotSupportedException("A Cosmos kernel cannot bring its own text screen; write a driver with a ConsoleOutput instead (docs/cosmos.md)");
        }
    }

    /// <summary>Column of the cursor, from 0.</summary>
    [MightSleep]
    public int X
    {
        get => SystemConsole.CursorLeft;
        set => SystemConsole.SetCursorPosition(value, SystemConsole.CursorTop);
    }

    /// <summary>Row of the cursor, from 0.</summary>
    [MightSleep]
    public int Y
    {
        get => SystemConsole.CursorTop;
        set => SystemConsole.SetCursorPosition(SystemConsole.CursorLeft, value);
    }

    /// <summary>Columns of the screen.</summary>
    [MightSleep]
    public int Cols => SystemConsole.WindowWidth;

    /// <summary>Rows of the screen.</summary>
    [MightSleep]
    public int Rows => SystemConsole.WindowHeight;

    /// <summary>Colour of text.</summary>
    [MightSleep]
    public ConsoleColor Foreground
    {
        get => SystemConsole.ForegroundColor;
        set => SystemConsole.ForegroundColor = value;
    }

    /// <summary>Colour behind text.</summary>
    [MightSleep]
    public ConsoleColor Background
    {
        get => SystemConsole.BackgroundColor;
        set => SystemConsole.BackgroundColor = value;
    }

    /// <summary>Whether the cursor shows; true until it was set.</summary>
    [MightSleep]
    public bool CursorVisible
    {
        get => _cursorVisible;
        set
        {
            _cursorVisible = value;
            SystemConsole.CursorVisible = value;
        }
    }

    /// <summary>Clears the screen and moves the cursor to its top left corner.</summary>
    [MightSleep]
    public void Clear() => SystemConsole.Clear();

    /// <summary>Writes an ASCII character.</summary>
    [MightSleep]
    public void Write(byte aChar) => SystemConsole.Write((char)aChar);

    /// <summary>Writes ASCII text.</summary>
    [MightSleep]
    public void Write(ReadOnlySpan<byte> aText) => SystemConsole.Write(Encoding.ASCII.GetString(aText));

    /// <summary>Reads a key.</summary>
    /// <param name="intercept">True: do not show it.</param>
    [MightSleep]
    public ConsoleKeyInfo ReadKey(bool intercept) => SystemConsole.ReadKey(intercept);
}
