namespace CosmosKernel.Drivers.Virtio;

/// <summary>Kinds of virtio devices (Virtual I/O Device 1.2, section 5).</summary>
public enum VirtioType
{
    /// <summary>Network card.</summary>
    Network = 1,

    /// <summary>Disk.</summary>
    Block = 2,

    /// <summary>Console, and ports to the host.</summary>
    Console = 3,

    /// <summary>Source of random numbers.</summary>
    Entropy = 4,

    /// <summary>Memory balloon.</summary>
    Balloon = 5,

    /// <summary>SCSI host.</summary>
    Scsi = 8,

    /// <summary>Keyboard, mouse, tablet.</summary>
    Input = 18,
}
