using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The type <c>proc</c> of mount(2).</summary>
public sealed class ProcFsType : FileSystemType
{
    private readonly ProcFileSystem _fileSystem;

    /// <summary>Makes the type and its one file system. Once, at boot.</summary>
    [MightSleep]
    public ProcFsType()
        : base("proc")
    {
        _fileSystem = new ProcFileSystem(this);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = null;
        foreach (string option in options.Split(',', System.StringSplitOptions.RemoveEmptyEntries))
        {
            // Everybody may see all processes, and no group is privileged: the only values that can be asked for.
            if (option is not ("hidepid=0" or "hidepid=off" or "gid=0"))
            {
                return Errno.EINVAL;
            }
        }

        fileSystem = _fileSystem;
        return Errno.Ok;
    }
}
