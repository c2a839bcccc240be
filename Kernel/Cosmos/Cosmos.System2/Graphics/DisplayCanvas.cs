using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Graphics;

namespace Cosmos.System.Graphics;

/// <summary>
/// The screen as a canvas. What is drawn is in memory until <see cref="Display"/> copies it to the screen. While the canvas is on, the text console stays off the screen, and text that is
/// written meanwhile is there when <see cref="Disable"/> brings the console back. Task context.
/// </summary>
[Owned]
public abstract class DisplayCanvas : PixelCanvas
{
    private readonly Display _display;
    private readonly Mode _default;
    private readonly List<Mode> _modes = [];
    private DisplayHandle? _handle;
    private Mode _mode;

    /// <summary>Takes the screen, in the mode that it has.</summary>
    /// <exception cref="NotSupportedException">There is no screen of pixels.</exception>
    /// <exception cref="InvalidOperationException">Another one has the screen; the message names it.</exception>
    [MightSleep]
    private protected DisplayCanvas()
        : this(null)
    {
    }

    /// <summary>Takes the screen, in a mode.</summary>
    /// <param name="mode">The mode; null for the one that the screen has.</param>
    /// <exception cref="ArgumentOutOfRangeException">The screen does not have the mode.</exception>
    [MightSleep]
    private protected DisplayCanvas(Mode? mode)
    {
        _display = Displays.Primary
            ?? throw new NotSupportedException("there is no screen of pixels: the boot loader set no graphics mode, and no driver has one (docs/cosmos.md)");
        foreach (DisplayMode other in _display.Modes)
        {
            _modes.Add(ModeOf(other));
        }

        _default = ModeOf(_display.Mode);
        Mode = mode ?? _default;
    }

    /// <inheritdoc/>
    public override List<Mode> AvailableModes => _modes;

    /// <inheritdoc/>
    public override Mode DefaultGraphicsMode => _default;

    /// <summary>Size and depth. Setting it clears the canvas, and turns it on again after <see cref="Disable"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The screen does not have the mode.</exception>
    [MightSleep]
    public override Mode Mode
    {
        get => _mode;
        set
        {
            // A pixel here always has 32 bits; a screen of 24 shows as many colours.
            Mode found = _modes.Find(mode => mode.Width == value.Width && mode.Height == value.Height);
            if (found == default)
            {
                throw new ArgumentOutOfRangeException(nameof(value), $"{Name()} has no mode {value}; it has {string.Join(", ", _modes)}");
            }

            _handle ??= _display.Acquire("the Cosmos canvas");
            if (!_handle.TrySetMode(new DisplayMode((int)found.Width, (int)found.Height, BitsOf(found))))
            {
                _handle.Dispose();
                _handle = null;
                throw new ArgumentOutOfRangeException(nameof(value), $"{Name()} could not set the mode {value}");
            }

            _mode = new Mode(found.Width, found.Height, ColorDepth.ColorDepth32);
            Resize((int)found.Width, (int)found.Height);
            Display();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Disable()
    {
        _handle?.Dispose();
        _handle = null;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Display() => _handle?.Write((int)_mode.Width, Pixels);

    private static Mode ModeOf(DisplayMode mode) => new(mode.Width, mode.Height, ColorDepth.ColorDepth32);

    private int BitsOf(Mode mode)
    {
        foreach (DisplayMode other in _display.Modes)
        {
            if (other.Width == mode.Columns && other.Height == mode.Rows)
            {
                return other.BitsPerPixel;
            }
        }

        return 32;
    }
}
