using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Files.Naming;

/// <summary>A type of file system that mount(2) knows by name. It is registered at boot (<see cref="FileSystems.Register"/>), or by a module (<see cref="Modules.ModuleFiles.AddFileSystem"/>).</summary>
public abstract class FileSystemType
{
    /// <summary>Makes a type.</summary>
    /// <param name="name">As mount(2) and /proc/filesystems show it.</param>
    protected FileSystemType(string name)
    {
        Name = name;
    }

    /// <summary>As mount(2) and /proc/filesystems show it.</summary>
    public string Name { get; }

    /// <summary>Whose it is, as the module was started then; null for the kernel's own.</summary>
    [Protocol("Set before it is registered.")]
    internal ModuleContext? Owner { get; set; }

    /// <summary>It is on a block device; /proc/filesystems shows <c>nodev</c> for the others.</summary>
    public virtual bool NeedsDevice => false;

    /// <summary>Makes a file system, or finds the one that there is only once (as devtmpfs). Task context.</summary>
    /// <param name="source">The first argument of mount(2); means nothing without a device.</param>
    /// <param name="options">Comma-separated, ASCII.</param>
    /// <param name="fileSystem">The file system.</param>
    /// <returns>EINVAL: an option that is not known.</returns>
    [MightSleep]
    public abstract Errno Mount(string source, string options, out FileSystem? fileSystem);
}
