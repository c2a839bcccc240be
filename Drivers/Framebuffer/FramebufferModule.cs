using System;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Graphics;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>The console on a linear framebuffer, when the boot loader set one up, or <c>video=WIDTHxHEIGHT</c> asks for one and the adapter is that of QEMU and Bochs.</summary>
[Module("framebuffer", Description = "console on a linear framebuffer", License = "MIT", Author = "CosmosKernel")]
public sealed class FramebufferModule : KernelModule
{
    private const uint DenseWidth = 2560;

    /// <summary>Pixels of the screen for one of the font, each way; 0 takes 2 on screens of 2560 pixels or more.</summary>
    [ModuleParameter("size of a font pixel in screen pixels, 0 for what suits the screen", Minimum = 0, Maximum = 8)]
    [Immutable]
    public int Scale { get; set; }

    /// <summary>A mode to set, as Linux's <c>video=WIDTHxHEIGHT</c> without the prefix; empty leaves the screen as the boot loader left it.</summary>
    [ModuleParameter("mode to set where the adapter can: WIDTHxHEIGHT, as the option video=")]
    [Immutable]
    public string Mode { get; set; } = "";

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        ScreenInformation screen = BootInformation.Screen;
        BochsAdapter? adapter = FindAdapter(context, out PciDevice? device);
        string wanted = Mode.Length > 0 ? Mode : KernelOptions.TryGet("video", out string video) ? video : "";
        if (wanted.Length > 0)
        {
            SetMode(context, adapter, wanted, ref screen);
        }

        if (screen.Kind != ScreenKind.Framebuffer)
        {
            return;
        }

        int scale = Scale != 0 ? Scale : screen.Width >= DenseWidth ? 2 : 1;
        bool isOfAdapter = device is not null && device.Info.Bar(0).Address == screen.Address;
        MmioRegion memory = isOfAdapter
            ? device!.MapBar(0, DeviceCaching.WriteCombining)
            : context.MapDeviceMemory(screen.Address, (long)screen.Pitch * screen.Height, DeviceCaching.WriteCombining);
        var display = new FramebufferDisplay(memory, in screen, scale);
        ScreenOutput output = ScreenOutput.Start(context, "tty0", display);
        var pixels = new PixelDisplay(memory, in screen, output, isOfAdapter ? adapter : null);
        context.Own(Displays.Add(pixels));
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "fb0", Mode = 0x1B0, Major = FramebufferNode.Major, Class = "graphics" }, new FramebufferNode(pixels));
        context.AddPanicOutput(new PanicScreen(memory, in screen));
        context.Log.Info($"{screen.Width}x{screen.Height} pixels of {screen.BitsPerPixel} bits, {display.Columns}x{display.Rows} characters");
    }

    [MightSleep]
    private static BochsAdapter? FindAdapter(ModuleContext context, out PciDevice? device)
    {
        const ushort vendor = 0x1234;
        const ushort standardVga = 0x1111;
        device = null;
        foreach (PciDeviceInfo info in PciBus.Devices)
        {
            if (info.Vendor != vendor || info.DeviceId != standardVga || !info.Bar(0).IsMemory || info.Bar(0).Address == 0)
            {
                continue;
            }

            device = context.ClaimPciDevice(info);
            var registers = new PortDispiRegisters(context.ClaimPorts(PortDispiRegisters.FirstPort, PortDispiRegisters.PortCount));
            var adapter = new BochsAdapter(registers, info.Bar(0).Address, (long)info.Bar(0).Length);
            return adapter.Detect() ? adapter : null;
        }

        return null;
    }

    // Linux's form: [CONNECTOR:]WIDTHxHEIGHT[-BPP][@REFRESH]; what the adapter has no use for is not looked at.
    [MightSleep]
    private static void SetMode(ModuleContext context, BochsAdapter? adapter, string wanted, ref ScreenInformation screen)
    {
        if (!TryParse(wanted, out DisplayMode mode))
        {
            context.Log.Warning($"video={wanted}: expected WIDTHxHEIGHT, such as 1280x720; the mode stays");
        }
        else if (adapter is null)
        {
            context.Log.Warning($"video={wanted}: this machine's display adapter is none whose mode can be set");
        }
        else if (!adapter.TrySetMode(mode, out ScreenInformation set))
        {
            context.Log.Warning($"video={wanted}: the display adapter cannot show {mode}");
        }
        else
        {
            screen = set;
        }
    }

    /// <summary>Reads a mode in the form of <c>video=</c>.</summary>
    internal static bool TryParse(string text, out DisplayMode mode)
    {
        mode = default;
        string size = text[(text.LastIndexOf(':') + 1)..];
        int end = size.AsSpan().IndexOfAny('-', '@');
        size = end >= 0 ? size[..end] : size;
        int x = size.IndexOf('x', StringComparison.Ordinal);
        if (x < 0 || !ushort.TryParse(size.AsSpan(0, x), out ushort width) || !ushort.TryParse(size.AsSpan(x + 1), out ushort height) || width == 0 || height == 0)
        {
            return false;
        }

        mode = new DisplayMode(width, height, 32);
        return true;
    }
}
