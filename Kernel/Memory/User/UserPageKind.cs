namespace CosmosKernel.Memory.User;

/// <summary>Where a mapped page is from. The counts by kind are those of /proc/PID/status (proc(5)); <see cref="Page.Zero"/> counts as none.</summary>
public enum UserPageKind
{
    /// <summary>The address space's own: RssAnon. Copies of an object's pages are, too.</summary>
    Anonymous,

    /// <summary>A page of a file: RssFile.</summary>
    File,

    /// <summary>A page of shared memory, which tmpfs is, too: RssShmem.</summary>
    SharedMemory,

    /// <summary>Memory of a device: no <see cref="Page"/>, nothing counts its references, and it is part of no count of resident memory.</summary>
    Device,
}
