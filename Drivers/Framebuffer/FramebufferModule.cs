using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>The console on a linear framebuffer, when the boot loader set one up.</summary>
[Module("framebuffer", Description = "console on a linear framebuffer", License = "MIT", Author = "CosmosKernel")]
public sealed class FramebufferModule : KernelModule
{
    private const uint DenseWidth = 2560;

    /// <summary>Pixels of the screen for one of the font, each way; 0 takes 2 on screens of 2560 pixels or more.</summary>
    [ModuleParameter("size of a font pixel in screen pixels, 0 for what suits the screen", Minimum = 0, Maximum = 8)]
    public int Scale { get; set; }

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        ScreenInformation screen = BootInformation.Screen;
        if (screen.Kind != ScreenKind.Framebuffer)
        {
            return;
        }

        int scale = Scale != 0 ? Scale : screen.Width >= DenseWidth ? 2 : 1;
        MmioRegion memory = context.MapDeviceMemory(screen.Address, (long)screen.Pitch * screen.Height, DeviceCaching.WriteCombining);
        var display = new FramebufferDisplay(memory, in screen, scale);
        ScreenOutput.Start(context, "tty0", display);
        context.AddPanicOutput(new PanicScreen(memory, in screen));
        context.Log.Info($"{screen.Width}x{screen.Height} pixels of {screen.BitsPerPixel} bits, {display.Columns}x{display.Rows} characters");
    }
}
