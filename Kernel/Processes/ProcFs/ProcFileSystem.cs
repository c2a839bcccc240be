using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>procfs (proc(5)): processes, threads and the state of the system as files. There is one; each mount shows the same.</summary>
public sealed class ProcFileSystem : SystemFileSystem
{
    private readonly ProcRoot _root;

    internal ProcFileSystem(FileSystemType type)
        : base(type)
    {
        _root = new ProcRoot(this);
        SystemTree.Proc.Attach(this, _root);
    }

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    protected override long Magic => 0x9FA0;
}
