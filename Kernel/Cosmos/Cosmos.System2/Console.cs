using System;
using System.Text;
using Cosmos.HAL;
using SystemConsole = System.Console;

namespace Cosmos.System;

/// <summary>The console by Cosmos's names; everything goes through <c>System.Console</c>. Task context.</summary>
public class Console
{
    private bool _cursorVisible = true;

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
    public int X
    {
        get => SystemConsole.CursorLeft;
        set => SystemConsole.SetCursorPosition(value, SystemConsole.CursorTop);
    }

    /// <summary>Row of the cursor, from 0.</summary>
    public int Y
    {
        get => SystemConsole.CursorTop;
        set => SystemConsole.SetCursorPosition(SystemConsole.CursorLeft, value);
    }

    /// <summary>Columns of the screen.</summary>
    public int Cols => SystemConsole.WindowWidth;

    /// <summary>Rows of the screen.</summary>
    public int Rows => SystemConsole.WindowHeight;

    /// <summary>Colour of text.</summary>
    public ConsoleColor Foreground
    {
        get => SystemConsole.ForegroundColor;
        set => SystemConsole.ForegroundColor = value;
    }

    /// <summary>Colour behind text.</summary>
    public ConsoleColor Background
    {
        get => SystemConsole.BackgroundColor;
        set => SystemConsole.BackgroundColor = value;
    }

    /// <summary>Whether the cursor shows; true until it was set.</summary>
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
    public void Clear() => SystemConsole.Clear();

    /// <summary>Writes an ASCII character.</summary>
    public void Write(byte aChar) => SystemConsole.Write((char)aChar);

    /// <summary>Writes ASCII text.</summary>
    public void Write(ReadOnlySpan<byte> aText) => SystemConsole.Write(Encoding.ASCII.GetString(aText));

    /// <summary>Reads a key.</summary>
    /// <param name="intercept">True: do not show it.</param>
    public ConsoleKeyInfo ReadKey(bool intercept) => SystemConsole.ReadKey(intercept);
}
