using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>tmpfs as a type for mount(2).</summary>
public sealed class TmpfsType : FileSystemType
{
    /// <summary>Makes the type.</summary>
    /// <param name="name">tmpfs; or another name under which it is mounted, such as ramfs.</param>
    public TmpfsType(string name = "tmpfs")
        : base(name)
    {
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        var parsed = new TmpfsOptions();
        Errno error = parsed.Parse(options);
        fileSystem = error == Errno.Ok ? new TmpfsFileSystem(this, parsed) : null;
        return error;
    }
}
