using System.Collections.Generic;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Graphics;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>
/// Sets modes of the display adapter of QEMU and Bochs (QEMU, docs/specs/standard-vga.rst; Bochs, "VBE display extensions"). Not synchronized; task context.
/// </summary>
/// <param name="registers">Its registers.</param>
/// <param name="address">Where its memory is, physically.</param>
/// <param name="bytes">How much it is.</param>
[Owned]
internal sealed class BochsAdapter(DispiRegisters registers, ulong address, long bytes)
{
    private const ushort Identity = 0;
    private const ushort Width = 1;
    private const ushort Height = 2;
    private const ushort Depth = 3;
    private const ushort Enable = 4;
    private const ushort VirtualWidth = 6;
    private const ushort OffsetX = 8;
    private const ushort OffsetY = 9;

    private const ushort LowestIdentity = 0xB0C2;
    private const ushort HighestIdentity = 0xB0CF;
    private const ushort Enabled = 0x01;
    private const ushort ReadLimits = 0x02;
    private const ushort LinearFramebuffer = 0x40;
    private const int BitsPerPixel = 32;
    private const int BytesPerPixel = BitsPerPixel / 8;
    private const int SmallestWidth = 320;
    private const int SmallestHeight = 200;

    /// <summary>Sizes that people ask for; those that the adapter can do are offered.</summary>
    [Immutable]
    private static readonly (int Width, int Height)[] s_sizes =
        [(640, 400), (640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 800), (1280, 1024), (1366, 768), (1440, 900), (1600, 900), (1600, 1200), (1680, 1050), (1920, 1080), (1920, 1200), (2560, 1440), (2560, 1600)];

    [Immutable]
    private (int Width, int Height) _limit;

    /// <summary>Whether there is an adapter that can show 32 bits a pixel from linear memory. The present mode stays.</summary>
    [BeforePublication]
    public bool Detect()
    {
        if (registers.Read(Identity) is < LowestIdentity or > HighestIdentity)
        {
            return false;
        }

        ushort enable = registers.Read(Enable);
        registers.Write(Enable, (ushort)(enable | ReadLimits));
        _limit = (registers.Read(Width), registers.Read(Height));
        int depth = registers.Read(Depth);
        registers.Write(Enable, enable);
        return depth >= BitsPerPixel && _limit.Width >= SmallestWidth && _limit.Height >= SmallestHeight;
    }

    /// <summary>Whether it can show a mode.</summary>
    public bool CanShow(DisplayMode mode) =>
        mode.BitsPerPixel == BitsPerPixel && mode.Width >= SmallestWidth && mode.Height >= SmallestHeight && mode.Width <= _limit.Width && mode.Height <= _limit.Height
        && mode.Width % 8 == 0 && (long)mode.Width * mode.Height * BytesPerPixel <= bytes;

    /// <summary>The usual modes that it can show, smallest first.</summary>
    public List<DisplayMode> GetModes()
    {
        var modes = new List<DisplayMode>();
        foreach ((int width, int height) in s_sizes)
        {
            var mode = new DisplayMode(width, height, BitsPerPixel);
            if (CanShow(mode))
            {
                modes.Add(mode);
            }
        }

        return modes;
    }

    /// <summary>Sets a mode; the screen is black then.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="screen">Where and how its pixels are.</param>
    /// <returns>False when the adapter cannot show it or does not take it; the former mode may be lost only if it lied.</returns>
    public bool TrySetMode(DisplayMode mode, out ScreenInformation screen)
    {
        screen = default;
        if (!CanShow(mode))
        {
            return false;
        }

        registers.Write(Enable, 0);
        registers.Write(Width, (ushort)mode.Width);
        registers.Write(Height, (ushort)mode.Height);
        registers.Write(Depth, BitsPerPixel);
        registers.Write(VirtualWidth, (ushort)mode.Width);
        registers.Write(OffsetX, 0);
        registers.Write(OffsetY, 0);
        registers.Write(Enable, Enabled | LinearFramebuffer);
        if (registers.Read(Width) != mode.Width || registers.Read(Height) != mode.Height || registers.Read(Depth) != BitsPerPixel || (registers.Read(Enable) & Enabled) == 0)
        {
            return false;
        }

        // A line is as long as the adapter says, which may round it up.
        screen = new ScreenInformation
        {
            Kind = ScreenKind.Framebuffer,
            Address = address,
            Width = (uint)mode.Width,
            Height = (uint)mode.Height,
            Pitch = registers.Read(VirtualWidth) * (uint)BytesPerPixel,
            BitsPerPixel = BitsPerPixel,
            RedShift = 16,
            GreenShift = 8,
            BlueShift = 0,
        };
        return screen.Pitch >= screen.Width * BytesPerPixel && (long)screen.Pitch * screen.Height <= bytes;
    }
}
