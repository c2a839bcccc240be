using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Files;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Graphics;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>The framebuffer for those who draw pixels: in the mode that the boot loader set, or, with an adapter that can set others, in those.</summary>
internal sealed class PixelDisplay : Display
{
    private const string UnderLock = "The base class calls what touches it under the display's lock.";

    private readonly MmioRegion _memory;
    private readonly PixelFormat _format;
    private readonly ScreenOutput _console;
    private readonly DisplayMode _consoleMode;

    [Protocol(UnderLock)]
    private readonly BochsAdapter? _adapter;

    // Pixels as they are in memory are those that callers have: they are copied.
    private readonly bool _isPlain;

    [Protocol(UnderLock)]
    private readonly uint[] _line;

    [Protocol(UnderLock)]
    private readonly byte[] _packed;

    [Protocol("Replaced as a whole under the display's lock; readers see a mode that was.")]
    private volatile Setting _setting;

    /// <summary>Makes the display.</summary>
    /// <param name="memory">The framebuffer, all of it that modes may use.</param>
    /// <param name="screen">Its size and format, which can be drawn.</param>
    /// <param name="console">The text console on it.</param>
    /// <param name="adapter">Sets modes; null where nothing can.</param>
    public PixelDisplay(MmioRegion memory, in ScreenInformation screen, ScreenOutput console, BochsAdapter? adapter)
    {
        _memory = memory;
        Address = screen.Address;
        Mapped = (screen.Address & (Page.Size - 1)) == 0 ? new DeviceMemoryObject(memory) : null;
        _format = new PixelFormat(in screen);
        _console = console;
        _adapter = adapter;
        _isPlain = _format.Bytes == 4 && _format.FromRgb(0x123456) == 0x123456;
        _line = new uint[_format.Bytes == 4 && !_isPlain ? screen.Width : 0];
        _packed = new byte[_format.Bytes == 4 ? 0 : screen.Width * 3];
        _consoleMode = new DisplayMode((int)screen.Width, (int)screen.Height, (int)screen.BitsPerPixel);
        _setting = new Setting(_consoleMode, screen.Pitch);
        List<DisplayMode> modes = adapter?.GetModes() ?? [];
        if (!modes.Contains(_consoleMode))
        {
            modes.Add(_consoleMode);
        }

        Modes = modes;
    }

    /// <inheritdoc/>
    public override string Name => "framebuffer";

    /// <inheritdoc/>
    public override DisplayMode Mode => _setting.Mode;

    /// <inheritdoc/>
    [Immutable]
    public override IReadOnlyList<DisplayMode> Modes { get; }

    /// <summary>Where its memory is, physically.</summary>
    public ulong Address { get; }

    /// <summary>Its memory as something to map; null where the first line does not begin with a page.</summary>
    public DeviceMemoryObject? Mapped { get; }

    /// <summary>How much memory there is.</summary>
    public long MemoryBytes => _memory.Length;

    /// <summary>Bytes of the present mode, what lies between lines included.</summary>
    public long Bytes
    {
        get
        {
            Setting setting = _setting;
            return setting.Pitch * setting.Mode.Height;
        }
    }

    /// <summary>The present mode, how far its lines are apart, and how its pixels are made.</summary>
    public void Describe(out DisplayMode mode, out long pitch, out PixelFormat format)
    {
        Setting setting = _setting;
        (mode, pitch, format) = (setting.Mode, setting.Pitch, _format);
    }

    /// <summary>Whether a holder can set a mode.</summary>
    public bool CanShow(DisplayMode mode) => mode == Mode || (_adapter is not null && _adapter.CanShow(mode));

    /// <summary>Reads bytes of the screen. Bounds-checked.</summary>
    public void ReadBytes(long offset, Span<byte> bytes) => _memory.Read(offset, bytes);

    /// <summary>Writes bytes of the screen. Bounds-checked.</summary>
    public void WriteBytes(long offset, ReadOnlySpan<byte> bytes) => _memory.Write(offset, bytes);

    /// <inheritdoc/>
    [MightSleep]
    protected override void TakeOver() => _console.Pause();

    /// <inheritdoc/>
    [MightSleep]
    protected override void GiveBack()
    {
        if (Mode != _consoleMode)
        {
            SetMode(_consoleMode);
        }

        // What is beyond the last whole character is the console's too, and black.
        Span<int> black = stackalloc int[64];
        black.Clear();
        for (int y = 0; y < Mode.Height; y++)
        {
            for (int x = 0; x < Mode.Width; x += black.Length)
            {
                WriteRow(x, y, black[..Math.Min(black.Length, Mode.Width - x)]);
            }
        }

        _console.Resume();
    }

    /// <inheritdoc/>
    protected override bool SetMode(DisplayMode mode)
    {
        if (_adapter is null)
        {
            return false;
        }

        if (_adapter.TrySetMode(mode, out ScreenInformation screen))
        {
            _setting = new Setting(mode, screen.Pitch);
            return true;
        }

        // One that was refused half-way: back to what was there.
        _adapter.TrySetMode(_setting.Mode, out _);
        return false;
    }

    /// <inheritdoc/>
    protected override void WriteRow(int x, int y, ReadOnlySpan<int> pixels)
    {
        long offset = (y * _setting.Pitch) + ((long)x * _format.Bytes);
        if (_isPlain)
        {
            _memory.Write(offset, pixels);
            return;
        }

        if (_format.Bytes == 4)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                _line[i] = _format.FromRgb((uint)pixels[i]);
            }

            _memory.Write(offset, (ReadOnlySpan<uint>)_line.AsSpan(0, pixels.Length));
            return;
        }

        for (int i = 0; i < pixels.Length; i++)
        {
            uint pixel = _format.FromRgb((uint)pixels[i]);
            _packed[3 * i] = (byte)pixel;
            _packed[(3 * i) + 1] = (byte)(pixel >> 8);
            _packed[(3 * i) + 2] = (byte)(pixel >> 16);
        }

        _memory.Write(offset, (ReadOnlySpan<byte>)_packed.AsSpan(0, 3 * pixels.Length));
    }

    private sealed record Setting(DisplayMode Mode, long Pitch);
}
