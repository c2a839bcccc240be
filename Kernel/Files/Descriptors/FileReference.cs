using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// A file that a system call uses: <c>using FileReference file = table.Get(descriptor);</c>. It is counted only if another task could close the descriptor meanwhile.
/// </summary>
public readonly ref struct FileReference
{
    private readonly bool _isCounted;

    internal FileReference(OpenFile file, bool isCounted)
    {
        File = file;
        _isCounted = isCounted;
    }

    /// <summary>The file; null when there is no such descriptor: EBADF.</summary>
    public OpenFile? File { get; }

    /// <summary>Ends the use. Task context.</summary>
    [MightSleep]
    public void Dispose()
    {
        if (_isCounted)
        {
            File!.Release();
        }
    }
}
