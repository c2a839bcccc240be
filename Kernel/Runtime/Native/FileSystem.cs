using System;
using System.Runtime;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// <c>System.IO</c>'s file calls. CoreLib inside the kernel has no file system: no path but the root and the terminal's description exists (ENOENT), nothing can be created (ENOSYS), and the only
/// descriptors are the console's. The kernel's own files are served by its file layer, not through CoreLib.
/// </summary>
internal static unsafe class FileSystem
{
    // Character device, owner may read and write, group may write, like a terminal.
    private const int TerminalMode = 0x2000 | 0x190;

    // The descriptor of the one file, however often it is open: reads carry their own offset. 3 duplicates nothing.
    private const nint File = 3;

    // File that everybody may read.
    private const int FileMode = 0x8000 | 0x124;

    // Directory that everybody may read.
    private const int RootMode = 0x4000 | 0x16D;

    [RuntimeExport("SystemNative_FStat")]
    private static int FStat(nint descriptor, FileStatus* status)
    {
        *status = default;
        if (IsFile(descriptor))
        {
            status->Mode = FileMode;
            status->Size = TerminalDescription.File.Length;
            return 0;
        }

        if (StandardStreams.Original(descriptor) < 0)
        {
            return Errno.Fail(Errno.BadDescriptor);
        }

        status->Mode = TerminalMode;
        return 0;
    }

    [RuntimeExport("SystemNative_Stat")]
    private static int Stat(byte* path, FileStatus* status)
    {
        *status = default;
        if (!CString.AsSpan(path).SequenceEqual("/"u8))
        {
            return Errno.Fail(Errno.NoEntry);
        }

        status->Mode = RootMode;
        return 0;
    }

    [RuntimeExport("SystemNative_LStat")]
    private static int LStat(byte* path, FileStatus* status) => Stat(path, status);

    [RuntimeExport("SystemNative_Access")]
    private static int Access(byte* path, int mode) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_Open")]
    private static nint Open(byte* path, int flags, int mode) => TerminalDescription.IsPath(CString.AsSpan(path)) ? File : Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_OpenDir")]
    private static nint OpenDirectory(byte* path)
    {
        Errno.Current = Errno.NoEntry;
        return 0;
    }

    [RuntimeExport("SystemNative_CloseDir")]
    private static int CloseDirectory(nint directory) => Errno.Fail(Errno.BadDescriptor);

    [RuntimeExport("SystemNative_GetReadDirRBufferSize")]
    private static int DirectoryBufferSize() => 0;

    // Returns the error itself.
    [RuntimeExport("SystemNative_ReadDirR")]
    private static int ReadDirectory(nint directory, byte* buffer, int size, void* entry) => Errno.BadDescriptor;

    [RuntimeExport("SystemNative_ReadLink")]
    private static int ReadLink(byte* path, byte* buffer, int size) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_ChDir")]
    private static int ChangeDirectory(byte* path) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_GetCwd")]
    private static byte* CurrentDirectory(byte* buffer, int size)
    {
        if (CString.TryCopy("/"u8, buffer, size))
        {
            return buffer;
        }

        Errno.Current = Errno.Range;
        return null;
    }

    [RuntimeExport("SystemNative_ChMod")]
    private static int ChangeMode(byte* path, int mode) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_LChflags")]
    private static int ChangeFlags(byte* path, uint flags) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_FChflags")]
    private static int ChangeDescriptorFlags(nint descriptor, uint flags) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_LChflagsCanSetHiddenFlag")]
    private static int CanSetHidden() => 0;

    [RuntimeExport("SystemNative_CanGetHiddenFlag")]
    private static int CanGetHidden() => 0;

    [RuntimeExport("SystemNative_Link")]
    private static int Link(byte* source, byte* link) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_SymLink")]
    private static int SymbolicLink(byte* target, byte* link) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_MkDir")]
    private static int MakeDirectory(byte* path, int mode) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_MkdTemp")]
    private static byte* MakeTemporaryDirectory(byte* template)
    {
        Errno.Current = Errno.NotImplemented;
        return null;
    }

    [RuntimeExport("SystemNative_MksTemps")]
    private static nint MakeTemporaryFile(byte* template, int suffixLength) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_Rename")]
    private static int Rename(byte* from, byte* to) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_RmDir")]
    private static int RemoveDirectory(byte* path) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_Unlink")]
    private static int Unlink(byte* path) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_UTimensat")]
    private static int SetTimes(byte* path, void* times) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_PathConf")]
    private static int PathConfiguration(byte* path, int name) => Errno.Fail(Errno.NoEntry);

    [RuntimeExport("SystemNative_GetAllMountPoints")]
    private static int MountPoints(nint found, void* context) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_FChMod")]
    private static int ChangeDescriptorMode(nint descriptor, int mode) => Refuse(descriptor);

    [RuntimeExport("SystemNative_FLock")]
    private static int Lock(nint descriptor, int operation) => Refuse(descriptor);

    [RuntimeExport("SystemNative_LockFileRegion")]
    private static int LockRegion(nint descriptor, long offset, long length, int kind) => Refuse(descriptor);

    [RuntimeExport("SystemNative_FSync")]
    private static int Synchronize(nint descriptor) => Refuse(descriptor);

    [RuntimeExport("SystemNative_FTruncate")]
    private static int Truncate(nint descriptor, long length) => Refuse(descriptor);

    [RuntimeExport("SystemNative_FUTimens")]
    private static int SetDescriptorTimes(nint descriptor, void* times) => Refuse(descriptor);

    [RuntimeExport("SystemNative_FAllocate")]
    private static int Allocate(nint descriptor, long offset, long length) => Refuse(descriptor);

    // Returns the error itself (posix_fadvise(2)).
    [RuntimeExport("SystemNative_PosixFAdvise")]
    private static int Advise(nint descriptor, long offset, long length, int advice) => Errno.BadDescriptor;

    [RuntimeExport("SystemNative_GetFileSystemType")]
    private static uint FileSystemType(nint descriptor)
    {
        _ = Refuse(descriptor);
        return 0;
    }

    // CoreLib asks for the position to learn whether it can seek, and reads by offset.
    [RuntimeExport("SystemNative_LSeek")]
    private static long Seek(nint descriptor, long offset, int origin)
    {
        if (IsFile(descriptor))
        {
            return 0;
        }

        return Errno.Fail(StandardStreams.Original(descriptor) < 0 ? Errno.BadDescriptor : Errno.IllegalSeek);
    }

    [RuntimeExport("SystemNative_CopyFile")]
    private static int Copy(nint source, nint destination, long length) => Refuse(source);

    [RuntimeExport("SystemNative_PRead")]
    private static int ReadAt(nint descriptor, byte* buffer, int count, long offset)
    {
        if (!IsFile(descriptor))
        {
            return (int)Seek(descriptor, offset, 0);
        }

        ReadOnlySpan<byte> content = TerminalDescription.File;
        if (count < 0 || offset < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        content = content[(int)(offset < content.Length ? offset : content.Length)..];
        content = content[..(count < content.Length ? count : content.Length)];
        content.CopyTo(new Span<byte>(buffer, count));
        return content.Length;
    }

    [RuntimeExport("SystemNative_PWrite")]
    private static int WriteAt(nint descriptor, byte* buffer, int count, long offset) => Refuse(descriptor);

    [RuntimeExport("SystemNative_PReadV")]
    private static long ReadVectorAt(nint descriptor, void* vectors, int count, long offset) => Refuse(descriptor);

    [RuntimeExport("SystemNative_PWriteV")]
    private static long WriteVectorAt(nint descriptor, void* vectors, int count, long offset) => Refuse(descriptor);

    /// <summary>Whether the descriptor is the terminal description's.</summary>
    public static bool IsFile(nint descriptor) => descriptor == File;

    // What cannot be done to a file that is only read, or to the console.
    private static int Refuse(nint descriptor) => Errno.Fail(StandardStreams.Original(descriptor) < 0 && !IsFile(descriptor) ? Errno.BadDescriptor : Errno.Invalid);

    // CoreLib's FileStatus; everything but the kind of file is 0 for the console.
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    private struct FileStatus
    {
        [FieldOffset(4)]
        public int Mode;

        [FieldOffset(16)]
        public long Size;
    }
}
