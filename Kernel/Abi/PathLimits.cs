namespace CosmosKernel.Abi;

/// <summary>Limits of names, paths and transfers (path_resolution(7), read(2), readv(2)).</summary>
public static class PathLimits
{
    /// <summary>NAME_MAX: bytes of a component.</summary>
    public const int NameMaximum = 255;

    /// <summary>PATH_MAX: bytes of a path with its NUL.</summary>
    public const int PathMaximum = 4096;

    /// <summary>Symbolic links that one resolution follows.</summary>
    public const int SymbolicLinks = 40;

    /// <summary>AT_FDCWD: relative to the working directory.</summary>
    public const int WorkingDirectory = -100;

    /// <summary>Bytes that one read or write transfers at most.</summary>
    public const int TransferMaximum = 0x7FFFF000;

    /// <summary>UIO_MAXIOV: parts of a vector.</summary>
    public const int VectorMaximum = 1024;

    /// <summary>PIPE_BUF: bytes that are written to a pipe in one piece.</summary>
    public const int PipeAtomic = 4096;
}
