using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>Opens /dev/fb0.</summary>
/// <param name="display">The screen.</param>
internal sealed class FramebufferNode(PixelDisplay display) : CharacterDeviceDriver
{
    /// <summary>Of all framebuffers.</summary>
    public const uint Major = 29;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
    {
        file = new FramebufferFile(display);
        return Errno.Ok;
    }
}
