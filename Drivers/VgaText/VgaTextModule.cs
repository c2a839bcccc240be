using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Graphics;

namespace CosmosKernel.Drivers.VgaText;

/// <summary>The console on a VGA in text mode, when that is how the boot loader left the screen.</summary>
[Module("vgatext", Description = "console on the VGA's text mode", License = "MIT", Author = "CosmosKernel")]
public sealed class VgaTextModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        // A loader that says nothing left what the BIOS had: text.
        ScreenKind kind = BootInformation.Screen.Kind;
        if (kind == ScreenKind.Framebuffer || Displays.Primary is not null)
        {
            return;
        }

        var registers = new VgaRegisters(context.ClaimPorts(VgaRegisters.FirstPort, VgaRegisters.PortCount));
        MmioRegion memory = context.MapDeviceMemory(VgaTextDisplay.Address, VgaTextDisplay.Bytes, DeviceCaching.WriteCombining);
        if (!registers.IsInTextMode() || !HasMemory(memory))
        {
            context.Log.Info($"no VGA in text mode (the boot loader says: {kind}, {BootInformation.Screen.Width}x{BootInformation.Screen.Height})");
            return;
        }

        registers.Prepare();
        ScreenOutput.Start(context, "tty0", new VgaTextDisplay(memory, registers));
        context.Log.Info("80x25 characters");
    }

    private static bool HasMemory(MmioRegion memory)
    {
        ushort before = memory.Read16(0);
        memory.Write16(0, 0x0741);
        bool keeps = memory.Read16(0) == 0x0741;
        memory.Write16(0, 0x0742);
        keeps &= memory.Read16(0) == 0x0742;
        memory.Write16(0, before);
        return keeps;
    }
}
