using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Loading;

/// <summary>What a program is loaded from (execve(2)).</summary>
[Immutable]
public sealed class LoadRequest
{
    /// <summary>Where paths of interpreters begin, and whose rights count for opening them.</summary>
    public required PathWalk Walk { get; init; }

    /// <summary>The program's file, opened by <see cref="Vfs.OpenProgram"/>; the caller keeps its reference.</summary>
    public required OpenFile File { get; init; }

    /// <summary>The file's name as the caller gave it, without NUL; for execveat(2) of a descriptor <c>/dev/fd/N</c>, with <c>/PATH</c> behind it for a path below a directory's.</summary>
    public required byte[] FileName { get; init; }

    /// <summary>The name of a script in <see cref="FileName"/> will be gone when its interpreter opens it (a descriptor with close-on-exec): ENOENT.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>The arguments.</summary>
    public required ProgramStrings Arguments { get; init; }

    /// <summary>The environment.</summary>
    public required ProgramStrings Environment { get; init; }

    /// <summary>Why the program may not get rights that its caller has not; the mount is looked at when the file is known.</summary>
    public ExecRestriction Restriction { get; init; }
}
