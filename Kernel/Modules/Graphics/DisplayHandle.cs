using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Graphics;

/// <summary>A display that someone has for himself. Disposing it gives the display back to the text console. Task context.</summary>
public sealed class DisplayHandle : IDisposable
{
    private readonly Display _display;

    internal DisplayHandle(Display display) => _display = display;

    /// <summary>What it is, for people.</summary>
    public string Name => _display.Name;

    /// <summary>The present mode.</summary>
    public DisplayMode Mode => _display.Mode;

    /// <summary>Modes that can be set; the present one is among them.</summary>
    public IReadOnlyList<DisplayMode> Modes => _display.Modes;

    /// <summary>Sets a mode.</summary>
    /// <returns>False when the display does not have it, or has been given back; the former one stays.</returns>
    [MightSleep]
    public bool TrySetMode(DisplayMode mode) => _display.TrySetMode(this, mode);

    /// <summary>Shows pixels, from the top left corner on; those beyond the screen's edges are left out. No effect after the display was given back.</summary>
    /// <param name="width">Pixels in a row, 1 or more.</param>
    /// <param name="pixels">Row after row, 0x00RRGGBB; the highest byte may be anything.</param>
    [MightSleep]
    public void Write(int width, ReadOnlySpan<int> pixels) => _display.Write(this, width, pixels);

    /// <summary>Gives the display back.</summary>
    [MightSleep]
    public void Dispose() => _display.Release(this);
}
