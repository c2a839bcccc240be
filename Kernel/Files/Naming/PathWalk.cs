using CosmosKernel.Files.Users;

namespace CosmosKernel.Files.Naming;

/// <summary>Where a path begins, and whose rights count.</summary>
public readonly struct PathWalk
{
    /// <summary>From the working directory.</summary>
    public PathWalk(FileSystemContext context, Credentials credentials)
    {
        FileSystemContext.Places places = context.Current;
        Start = places.Directory;
        Root = places.Root;
        Credentials = credentials;
        Umask = context.Umask;
    }

    /// <summary>From another place, such as that of a directory's descriptor.</summary>
    public PathWalk(FileSystemContext context, Credentials credentials, in VfsPath start)
    {
        Start = start;
        Root = context.Root;
        Credentials = credentials;
        Umask = context.Umask;
    }

    /// <summary>Where a path without leading slash begins.</summary>
    public VfsPath Start { get; }

    /// <summary>What / is.</summary>
    public VfsPath Root { get; }

    /// <summary>Whose rights count.</summary>
    public Credentials Credentials { get; }

    /// <summary>Bits that new files do not get.</summary>
    public uint Umask { get; }
}
