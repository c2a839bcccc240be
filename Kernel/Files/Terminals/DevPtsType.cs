using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>The type <c>devpts</c> of mount(2).</summary>
public sealed class DevPtsType : FileSystemType
{
    private DevPtsType()
        : base("devpts")
    {
        FileSystem = new DevPtsFileSystem(this);
    }

    /// <summary>The type.</summary>
    public static DevPtsType Instance { get; } = new();

    internal DevPtsFileSystem FileSystem { get; }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = FileSystem;
        return FileSystem.Remount(options);
    }
}
