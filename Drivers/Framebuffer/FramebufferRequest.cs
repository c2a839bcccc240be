namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>Requests of ioctl(2) on a framebuffer (Linux, include/uapi/linux/fb.h).</summary>
internal enum FramebufferRequest : uint
{
    /// <summary>Reads what can be changed.</summary>
    FBIOGET_VSCREENINFO = 0x4600,

    /// <summary>Changes it.</summary>
    FBIOPUT_VSCREENINFO = 0x4601,

    /// <summary>Reads what cannot be changed.</summary>
    FBIOGET_FSCREENINFO = 0x4602,

    /// <summary>Moves the screen over the memory.</summary>
    FBIOPAN_DISPLAY = 0x4606,
}
