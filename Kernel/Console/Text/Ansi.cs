namespace CosmosKernel.Console.Text;

/// <summary>Escape sequences (ECMA-48) that the console writes: only what each of its screens and any terminal understand.</summary>
public static class Ansi
{
    /// <summary>Back to plain text.</summary>
    public const string Reset = "\e[0m";

    /// <summary>Stands out.</summary>
    public const string Bold = "\e[1m";

    /// <summary>Steps back.</summary>
    public const string Dim = "\e[90m";

    /// <summary>Good.</summary>
    public const string Green = "\e[32m";

    /// <summary>Mind this.</summary>
    public const string Yellow = "\e[33m";

    /// <summary>Bad.</summary>
    public const string Red = "\e[91m";

    /// <summary>Names.</summary>
    public const string Cyan = "\e[36m";

    /// <summary>Clears from the cursor to the end of the line.</summary>
    public const string ClearToEndOfLine = "\e[K";

    /// <summary>Clears from the cursor to the end of the screen.</summary>
    public const string ClearToEndOfScreen = "\e[J";

    /// <summary>Clears the screen, cursor to its upper left corner.</summary>
    public const string ClearScreen = "\e[2J\e[H";

    /// <summary>Cursor to the upper left corner.</summary>
    public const string HomePosition = "\e[H";

    /// <summary>Hides the cursor.</summary>
    public const string HideCursor = "\e[?25l";

    /// <summary>Shows the cursor.</summary>
    public const string ShowCursor = "\e[?25h";

    /// <summary>Cursor up; nothing for 0.</summary>
    public static string Up(int rows) => rows > 0 ? $"\e[{rows}A" : "";

    /// <summary>Cursor to the right; nothing for 0.</summary>
    public static string Right(int columns) => columns > 0 ? $"\e[{columns}C" : "";

    /// <summary>Cursor to the left; nothing for 0.</summary>
    public static string Left(int columns) => columns > 0 ? $"\e[{columns}D" : "";

    /// <summary>Text in a style.</summary>
    public static string Style(string style, string text) => style + text + Reset;
}
