using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.Files;

/// <summary>A context for the time of a test.</summary>
internal readonly ref struct ContextOf
{
    public ContextOf(in VfsPath root)
    {
        Value = new FileSystemContext(root);
    }

    public FileSystemContext Value { get; }

    [MightSleep]
    public void Dispose() => Value.Release();
}
