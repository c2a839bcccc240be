using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>The type <c>mqueue</c> of mount(2).</summary>
internal sealed class PosixQueueType : FileSystemType
{
    private PosixQueueType()
        : base("mqueue")
    {
        FileSystem = new PosixQueueFileSystem(this);
    }

    /// <summary>The type.</summary>
    public static PosixQueueType Instance { get; } = new();

    /// <summary>The file system.</summary>
    public PosixQueueFileSystem FileSystem { get; }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = FileSystem;
        return Errno.Ok;
    }
}
