using System.Text;

namespace CosmosKernel.Modules.Commands;

/// <summary>Which key was pressed.</summary>
public enum KeyCode
{
    /// <summary>None.</summary>
    None,

    /// <summary>A character, in <see cref="Key.Character"/>.</summary>
    Character,

    /// <summary>A letter with Ctrl; the upper-case letter is in <see cref="Key.Character"/>.</summary>
    Control,

    /// <summary>A character with Alt.</summary>
    Alt,

    /// <summary>Return.</summary>
    Enter,

    /// <summary>Tabulator.</summary>
    Tab,

    /// <summary>Delete to the left.</summary>
    Backspace,

    /// <summary>Delete to the right.</summary>
    Delete,

    /// <summary>Escape.</summary>
    Escape,

    /// <summary>Arrow left.</summary>
    Left,

    /// <summary>Arrow right.</summary>
    Right,

    /// <summary>Arrow up.</summary>
    Up,

    /// <summary>Arrow down.</summary>
    Down,

    /// <summary>Arrow left with Ctrl or Alt.</summary>
    WordLeft,

    /// <summary>Arrow right with Ctrl or Alt.</summary>
    WordRight,

    /// <summary>To the start.</summary>
    Home,

    /// <summary>To the end.</summary>
    End,

    /// <summary>A page up.</summary>
    PageUp,

    /// <summary>A page down.</summary>
    PageDown,
}

/// <summary>A pressed key.</summary>
/// <param name="Code">Which.</param>
/// <param name="Character">The character of <see cref="KeyCode.Character"/>, <see cref="KeyCode.Control"/> and <see cref="KeyCode.Alt"/>.</param>
public readonly record struct Key(KeyCode Code, Rune Character = default)
{
    /// <summary>Whether it is this letter with Ctrl.</summary>
    public bool IsControl(char letter) => Code == KeyCode.Control && Character.Value == letter;

    /// <summary>Whether it is this character.</summary>
    public bool Is(char character) => Code == KeyCode.Character && Character.Value == character;
}
