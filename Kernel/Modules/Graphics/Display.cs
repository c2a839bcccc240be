using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Graphics;

/// <summary>
/// A screen of pixels. The text console has it until someone takes it over (<see cref="Acquire"/>), and has it back, in its own mode and redrawn, when that one is done. A driver derives from
/// this class and adds its display to <see cref="Displays"/>. Task context.
/// </summary>
public abstract class Display
{
    private readonly Mutex _lock = new("display");

    [GuardedBy(nameof(_lock))]
    private DisplayHandle? _holder;

    [GuardedBy(nameof(_lock))]
    private string _owner = "";

    [GuardedBy(nameof(_lock))]
    private bool _removed;

    /// <summary>What it is, for people.</summary>
    public abstract string Name { get; }

    /// <summary>The present mode.</summary>
    public abstract DisplayMode Mode { get; }

    /// <summary>Modes that a holder can set; the present one is among them.</summary>
    public abstract IReadOnlyList<DisplayMode> Modes { get; }

    /// <summary>Takes the display over: the text console stays off it until the result is disposed.</summary>
    /// <param name="owner">Who takes it, for messages.</param>
    /// <exception cref="InvalidOperationException">Another one has it; the message names it. Or the driver is being removed.</exception>
    [MightSleep]
    public DisplayHandle Acquire(string owner)
    {
        using (_lock.Enter())
        {
            if (_removed || _holder is not null)
            {
                throw new InvalidOperationException(_removed ? $"display {Name} has been removed" : $"display {Name} is in use by {_owner}");
            }

            TakeOver();
            _owner = owner;
            _holder = new DisplayHandle(this);
            return _holder;
        }
    }

    /// <summary>Takes the display away from whoever has it, for good: for a driver that ends. Drawing of the former holder has no effect from then on.</summary>
    [MightSleep]
    public void Remove()
    {
        using (_lock.Enter())
        {
            _removed = true;
            if (_holder is not null)
            {
                _holder = null;
                GiveBack();
            }
        }
    }

    [MightSleep]
    internal void Release(DisplayHandle handle)
    {
        using (_lock.Enter())
        {
            if (_holder == handle)
            {
                _holder = null;
                GiveBack();
            }
        }
    }

    [MightSleep]
    internal bool TrySetMode(DisplayHandle handle, DisplayMode mode)
    {
        using (_lock.Enter())
        {
            return _holder == handle && (mode == Mode || SetMode(mode));
        }
    }

    [MightSleep]
    internal void Write(DisplayHandle handle, int width, ReadOnlySpan<int> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        using (_lock.Enter())
        {
            if (_holder != handle)
            {
                return;
            }

            DisplayMode mode = Mode;
            int columns = Math.Min(width, mode.Width);
            for (int y = 0; y < mode.Height && (y * width) + columns <= pixels.Length; y++)
            {
                WriteRow(0, y, pixels.Slice(y * width, columns));
            }
        }
    }

    /// <summary>Keeps the text console off the screen. Under the display's lock.</summary>
    protected abstract void TakeOver();

    /// <summary>Sets the text console's mode and lets it draw everything again. Under the display's lock.</summary>
    protected abstract void GiveBack();

    /// <summary>Sets a mode of <see cref="Modes"/>. Under the display's lock.</summary>
    /// <returns>False when it cannot be set; the former one stays.</returns>
    protected abstract bool SetMode(DisplayMode mode);

    /// <summary>Draws a part of a row. Under the display's lock.</summary>
    /// <param name="x">First column.</param>
    /// <param name="y">The row.</param>
    /// <param name="pixels">The pixels, 0x00RRGGBB; the highest byte may be anything. All are on the screen.</param>
    protected abstract void WriteRow(int x, int y, ReadOnlySpan<int> pixels);
}
