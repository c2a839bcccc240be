using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.SysFs;

/// <summary>The type <c>sysfs</c> of mount(2).</summary>
public sealed class SysFsType : FileSystemType
{
    private readonly SysFileSystem _fileSystem;

    /// <summary>Makes the type and its one file system. Once, at boot, when all CPUs run.</summary>
    [MightSleep]
    public SysFsType()
        : base("sysfs")
    {
        _fileSystem = new SysFileSystem(this);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = options.Length == 0 ? _fileSystem : null;
        return options.Length == 0 ? Errno.Ok : Errno.EINVAL;
    }
}
