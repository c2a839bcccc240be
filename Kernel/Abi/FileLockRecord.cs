using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>struct flock (fcntl(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FileLockRecord
{
    /// <summary>l_type: F_RDLCK, F_WRLCK, F_UNLCK.</summary>
    public short Type;

    /// <summary>l_whence: SEEK_SET, SEEK_CUR, SEEK_END.</summary>
    public short Origin;

    /// <summary>l_start.</summary>
    public long Start;

    /// <summary>l_len; 0: to the end, wherever that will be; negative: before the start.</summary>
    public long Length;

    /// <summary>l_pid.</summary>
    public int Process;
}
