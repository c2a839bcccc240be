using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Graphics;

namespace Cosmos.System.Graphics;

/// <summary>The canvas of the whole screen. There is one; who asks again gets the same, in the new mode. Task context.</summary>
public static class FullScreenCanvas
{
    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static Canvas? s_canvas;

    /// <summary>Whether it is on.</summary>
    [Atomic]
    public static bool IsInUse { get; private set; }

    /// <summary>Whether there is a screen of pixels.</summary>
    public static bool BGAExists() => Displays.Primary is not null;

    /// <summary>Turns it on, in the screen's own mode.</summary>
    /// <exception cref="NotSupportedException">There is no screen of pixels.</exception>
    /// <exception cref="InvalidOperationException">Another one has the screen.</exception>
    [MightSleep]
    public static Canvas GetFullScreenCanvas() => TurnOn(null);

    /// <summary>Turns it on, in a mode.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The screen does not have the mode; <see cref="Canvas.AvailableModes"/> are those that it has.</exception>
    [MightSleep]
    public static Canvas GetFullScreenCanvas(Mode mode) => TurnOn(mode);

    /// <summary>Turns it on, in a mode, if that can be done.</summary>
    [MightSleep]
    public static bool TryGetFullScreenCanvas(Mode mode, out Canvas? canvas)
    {
        try
        {
            canvas = TurnOn(mode);
            return true;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or NotSupportedException or InvalidOperationException)
        {
            canvas = null;
            return false;
        }
    }

    /// <summary>The canvas; null before it was first turned on.</summary>
    [MightSleep]
    public static Canvas? GetCurrentFullScreenCanvas()
    {
        lock (s_lock)
        {
            return s_canvas;
        }
    }

    /// <summary>Turns it off: the text console is on the screen again.</summary>
    [MightSleep]
    public static void Disable()
    {
        lock (s_lock)
        {
            s_canvas?.Disable();
            IsInUse = false;
        }
    }

    [MightSleep]
    private static Canvas TurnOn(Mode? mode)
    {
        lock (s_lock)
        {
            if (s_canvas is null)
            {
                s_canvas = mode is { } first ? new VBECanvas(first) : new VBECanvas();
            }
            else
            {
                s_canvas.Mode = mode ?? s_canvas.DefaultGraphicsMode;
            }

            IsInUse = true;
            return s_canvas;
        }
    }
}
