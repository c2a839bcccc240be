using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Consoles;

/// <summary>Something that shows text: a serial line, a screen. Called by one task at a time, in task context.</summary>
public abstract class ConsoleOutput
{
    /// <summary>Name in messages and in the boot option <c>console=</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Writes UTF-8 text with ANSI escape sequences (ECMA-48): colours, cursor movement, clearing.</summary>
    public abstract void Write(ReadOnlySpan<byte> text);

    /// <summary>Returns when everything written is visible or sent.</summary>
    public virtual void Flush()
    {
    }

    /// <summary>Size in characters; zeros when unknown.</summary>
    public virtual (int Columns, int Rows) Size => (0, 0);

    /// <summary>Shows text with a font; its size in characters may change.</summary>
    /// <param name="font">The font; null for its own.</param>
    /// <returns>False when it cannot: nothing has changed. Default.</returns>
    [MightSleep]
    public virtual bool TrySetFont(ScreenFont? font) => false;
}
