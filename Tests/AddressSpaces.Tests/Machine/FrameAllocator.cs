namespace CosmosKernel.Memory.Frames;

/// <summary>How much memory the host's machine has.</summary>
public static class FrameAllocator
{
    /// <summary>Frames: 64 MiB.</summary>
    public static ulong ManagedFrames { get; set; } = 16384;
}
