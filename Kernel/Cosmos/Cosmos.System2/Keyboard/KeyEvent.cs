using System;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>A key that was pressed.</summary>
[Owned]
public class KeyEvent
{
    /// <summary>An event of no key.</summary>
    public KeyEvent()
    {
    }

    /// <summary>An event.</summary>
    public KeyEvent(char keyChar, ConsoleKeyEx key, bool shift, bool alt, bool control, KeyEventType type)
    {
        KeyChar = keyChar;
        Key = key;
        Type = type;
        Modifiers = (shift ? ConsoleModifiers.Shift : 0) | (alt ? ConsoleModifiers.Alt : 0) | (control ? ConsoleModifiers.Control : 0);
    }

    /// <summary>What happened to the key.</summary>
    public enum KeyEventType
    {
        /// <summary>It was pressed, or is being held down.</summary>
        Make,

        /// <summary>It was released.</summary>
        Break,
    }

    /// <summary>The character that it types; 0 when none. The keys Enter and Backspace have none.</summary>
    public char KeyChar { get; set; }

    /// <summary>The key.</summary>
    public ConsoleKeyEx Key { get; set; }

    /// <summary>Shift, Alt and Ctrl as they were.</summary>
    public ConsoleModifiers Modifiers { get; set; }

    /// <summary>What happened to the key.</summary>
    public KeyEventType Type { get; set; }
}
