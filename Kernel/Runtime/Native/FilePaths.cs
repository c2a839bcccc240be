using System;
using System.Runtime;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// libSystem.Native's calls with paths. <see cref="RuntimeFiles"/> serves them; the terminal's description is there without it, and before it has started there is only the root.
/// </summary>
internal static unsafe class FilePaths
{
    private const int PathMaximum = 4096;

    // Directory that everybody may read.
    private const int RootMode = 0x4000 | 0x16D;

    /// <summary>The file layer and a path that it can be asked for. Null, with the error number set, when there is none or the path is too long or empty.</summary>
    public static RuntimeFiles? Find(byte* path, out ReadOnlySpan<byte> text)
    {
        text = CString.AsSpan(path);
        if (text.IsEmpty || text.Length >= PathMaximum)
        {
            Errno.Current = text.IsEmpty ? Errno.NoEntry : Errno.NameTooLong;
            return null;
        }

        if (RuntimeFiles.Instance is { } files)
        {
            return files;
        }

        Errno.Current = Errno.NoEntry;
        return null;
    }

    [RuntimeExport("SystemNative_Stat")]
    [MightSleep]
    private static int Status(byte* path, NativeFileStatus* status) => Status(path, follow: true, status);

    [RuntimeExport("SystemNative_LStat")]
    [MightSleep]
    private static int LinkStatus(byte* path, NativeFileStatus* status) => Status(path, follow: false, status);

    [MightSleep]
    private static int Status(byte* path, bool follow, NativeFileStatus* status)
    {
        *status = default;
        if (RuntimeFiles.Instance is null && CString.AsSpan(path).SequenceEqual("/"u8))
        {
            status->Mode = RootMode;
            return 0;
        }

        if (Find(path, out ReadOnlySpan<byte> text) is not { } files)
        {
            return -1;
        }

        long result = files.GetStatus(text, follow, out RuntimeFileStatus found);
        *status = NativeFileStatus.Of(found);
        return (int)FileDescriptors.Result(result);
    }

    [RuntimeExport("SystemNative_Open")]
    [MightSleep]
    private static nint Open(byte* path, int flags, int mode)
    {
        if (TerminalDescription.IsPath(CString.AsSpan(path)))
        {
            return FileDescriptors.Description;
        }

        return Find(path, out ReadOnlySpan<byte> text) is { } files ? FileDescriptors.FromResult(files.Open(text, ToLinux(flags), (uint)mode)) : -1;
    }

    // CoreLib's OpenFlags to those of Linux.
    private static int ToLinux(int flags)
    {
        const int AccessMode = 0xF;
        int linux = flags & AccessMode;
        linux |= (flags & 0x10) != 0 ? 0x80000 : 0;
        linux |= (flags & 0x20) != 0 ? 0x40 : 0;
        linux |= (flags & 0x40) != 0 ? 0x80 : 0;
        linux |= (flags & 0x80) != 0 ? 0x200 : 0;
        linux |= (flags & 0x100) != 0 ? 0x101000 : 0;
        linux |= (flags & 0x200) != 0 ? 0x20000 : 0;
        return linux;
    }

    [RuntimeExport("SystemNative_Access")]
    [MightSleep]
    private static int Access(byte* path, int mode) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.CheckAccess(text, mode)) : -1;

    [RuntimeExport("SystemNative_ReadLink")]
    [MightSleep]
    private static int ReadLink(byte* path, byte* buffer, int size)
    {
        if (size <= 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        return Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.ReadLink(text, new Span<byte>(buffer, size))) : -1;
    }

    [RuntimeExport("SystemNative_RealPath")]
    [MightSleep]
    private static byte* RealPath(byte* path)
    {
        if (Find(path, out ReadOnlySpan<byte> text) is not { } files)
        {
            return null;
        }

        // The caller frees it.
        byte* buffer = (byte*)KernelHeap.Allocate(PathMaximum);
        if (buffer == null)
        {
            Errno.Current = Errno.NoMemory;
            return null;
        }

        long length = FileDescriptors.Result(files.GetRealPath(text, new Span<byte>(buffer, PathMaximum - 1)));
        if (length < 0)
        {
            KernelHeap.Free(buffer);
            return null;
        }

        buffer[length] = 0;
        return buffer;
    }

    [RuntimeExport("SystemNative_ChDir")]
    [MightSleep]
    private static int ChangeDirectory(byte* path) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.ChangeDirectory(text)) : -1;

    [RuntimeExport("SystemNative_GetCwd")]
    [MightSleep]
    private static byte* CurrentDirectory(byte* buffer, int size)
    {
        if (size <= 0)
        {
            Errno.Current = Errno.Invalid;
            return null;
        }

        if (RuntimeFiles.Instance is { } files)
        {
            long length = FileDescriptors.Result(files.GetDirectory(new Span<byte>(buffer, size - 1)));
            if (length < 0)
            {
                return null;
            }

            buffer[length] = 0;
            return buffer;
        }

        if (CString.TryCopy("/"u8, buffer, size))
        {
            return buffer;
        }

        Errno.Current = Errno.Range;
        return null;
    }

    [RuntimeExport("SystemNative_ChMod")]
    [MightSleep]
    private static int ChangeMode(byte* path, int mode) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.ChangeMode(text, (uint)mode)) : -1;

    // Flags of files are a matter of BSD; CoreLib asks first whether they can be set.
    [RuntimeExport("SystemNative_LChflags")]
    private static int ChangeFlags(byte* path, uint flags) => Errno.Fail(Errno.NotSupported);

    [RuntimeExport("SystemNative_LChflagsCanSetHiddenFlag")]
    private static int CanSetHidden() => 0;

    [RuntimeExport("SystemNative_CanGetHiddenFlag")]
    private static int CanGetHidden() => 0;

    [RuntimeExport("SystemNative_Link")]
    [MightSleep]
    private static int Link(byte* source, byte* link) =>
        Find(source, out ReadOnlySpan<byte> from) is { } files && Find(link, out ReadOnlySpan<byte> to) is not null ? (int)FileDescriptors.Result(files.Link(from, to)) : -1;

    [RuntimeExport("SystemNative_SymLink")]
    [MightSleep]
    private static int SymbolicLink(byte* target, byte* link) =>
        Find(target, out ReadOnlySpan<byte> text) is { } files && Find(link, out ReadOnlySpan<byte> path) is not null ? (int)FileDescriptors.Result(files.MakeSymbolicLink(text, path)) : -1;

    [RuntimeExport("SystemNative_MkDir")]
    [MightSleep]
    private static int MakeDirectory(byte* path, int mode) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.MakeDirectory(text, (uint)mode)) : -1;

    [RuntimeExport("SystemNative_RmDir")]
    [MightSleep]
    private static int RemoveDirectory(byte* path) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.RemoveDirectory(text)) : -1;

    [RuntimeExport("SystemNative_Unlink")]
    [MightSleep]
    private static int Unlink(byte* path) => Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.Unlink(text)) : -1;

    [RuntimeExport("SystemNative_Rename")]
    [MightSleep]
    private static int Rename(byte* from, byte* to) =>
        Find(from, out ReadOnlySpan<byte> old) is { } files && Find(to, out ReadOnlySpan<byte> name) is not null ? (int)FileDescriptors.Result(files.Rename(old, name)) : -1;

    [RuntimeExport("SystemNative_UTimensat")]
    [MightSleep]
    private static int SetTimes(byte* path, NativeTime* times) =>
        Find(path, out ReadOnlySpan<byte> text) is { } files ? (int)FileDescriptors.Result(files.SetTimes(text, times[0].ToNanoseconds(), times[1].ToNanoseconds())) : -1;

    [RuntimeExport("SystemNative_PathConf")]
    private static int PathConfiguration(byte* path, int name) => name switch
    {
        // CoreLib's PathConfName.
        1 => int.MaxValue,
        2 or 3 => 255,
        4 => 255,
        5 or 6 => PathMaximum,
        7 or 8 => 1,
        9 => 0,
        _ => Errno.Fail(Errno.Invalid),
    };

    // mkdtemp(3): the last six bytes are X and become letters and digits.
    [RuntimeExport("SystemNative_MkdTemp")]
    [MightSleep]
    private static byte* MakeTemporaryDirectory(byte* template)
    {
        if (Find(template, out ReadOnlySpan<byte> text) is not { } files)
        {
            return null;
        }

        return MakeTemporary(files, template, text.Length, 0, isDirectory: true) < 0 ? null : template;
    }

    // mkstemps(3): as above, with a suffix behind them.
    [RuntimeExport("SystemNative_MksTemps")]
    [MightSleep]
    private static nint MakeTemporaryFile(byte* template, int suffixLength)
    {
        if (Find(template, out ReadOnlySpan<byte> text) is not { } files)
        {
            return -1;
        }

        long result = MakeTemporary(files, template, text.Length, suffixLength, isDirectory: false);
        return result < 0 ? -1 : FileDescriptors.FromResult(result);
    }

    [MightSleep]
    private static long MakeTemporary(RuntimeFiles files, byte* template, int length, int suffixLength, bool isDirectory)
    {
        const int Letters = 6;
        const int ReadWriteNew = 0x2 | 0x40 | 0x80;
        const int OwnerOnly = 0x180;
        const int OwnerDirectory = 0x1C0;
        const int Attempts = 1000;
        int start = length - suffixLength - Letters;
        if (suffixLength < 0 || start < 0 || !new ReadOnlySpan<byte>(template + start, Letters).SequenceEqual("XXXXXX"u8))
        {
            return Errno.Fail(Errno.Invalid);
        }

        var path = new ReadOnlySpan<byte>(template, length);
        var letters = new Span<byte>(template + start, Letters);
        Span<byte> random = stackalloc byte[Letters];
        long result = -Errno.Exists;
        for (int i = 0; i < Attempts && result == -Errno.Exists; i++)
        {
            RandomSource.Fill(random);
            for (int at = 0; at < Letters; at++)
            {
                letters[at] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8[random[at] % 62];
            }

            result = isDirectory ? files.MakeDirectory(path, OwnerDirectory) : files.Open(path, ReadWriteNew, OwnerOnly);
        }

        return FileDescriptors.Result(result);
    }
}
