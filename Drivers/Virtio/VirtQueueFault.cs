namespace CosmosKernel.Drivers.Virtio;

/// <summary>What a device did that the specification forbids. The queue is not used any more.</summary>
public enum VirtQueueFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its index says that more buffers were used than it was given.</summary>
    IndexJumped,

    /// <summary>It returned a descriptor that does not exist.</summary>
    UnknownDescriptor,

    /// <summary>It returned a descriptor that it does not have: it was returned before, or is none at which a buffer begins.</summary>
    NotItsDescriptor,

    /// <summary>It says that it wrote more than the buffer has room for.</summary>
    LengthTooLong,
}
