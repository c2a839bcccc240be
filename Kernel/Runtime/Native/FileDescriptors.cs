using System;
using System.Runtime;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// libSystem.Native's calls on open files. Descriptors 0, 1, 2 and the numbers of their duplicates are the console's (<see cref="StandardStreams"/>), one number is the terminal's description, which is there without a
/// file system; all others are those of <see cref="RuntimeFiles"/>, moved up by three.
/// </summary>
internal static unsafe class FileDescriptors
{
    /// <summary>The descriptor of the terminal's description, however often it is open: reads carry their own offset.</summary>
    public const int Description = 1 << 28;

    // What the file layer calls 0.
    private const int First = 3;

    // Character device, owner may read and write, group may write, like a terminal.
    private const int TerminalMode = 0x2000 | 0x190;

    // File that everybody may read.
    private const int FileMode = 0x8000 | 0x124;

    private const int KeepRunning = 0;

    /// <summary>The file layer and its number for a descriptor. Null, with the error number set, for a descriptor that is none of its files.</summary>
    public static RuntimeFiles? Find(nint descriptor, out int number)
    {
        number = (int)descriptor - First;
        if (descriptor is >= First and < Description && RuntimeFiles.Instance is { } files)
        {
            return files;
        }

        // What cannot be done to the console, or to what is only read.
        Errno.Current = StandardStreams.Original(descriptor) < 0 && descriptor != Description ? Errno.BadDescriptor : Errno.Invalid;
        return null;
    }

    /// <summary>What CoreLib calls a descriptor of the file layer; or -1, with the error number set, for an error.</summary>
    public static nint FromResult(long result) => result < 0 ? Errno.Fail((int)-result) : (nint)(result + First);

    /// <summary>A result as C functions give it: -1 with the error number set, or what it is.</summary>
    public static long Result(long result) => result < 0 ? Errno.Fail((int)-result) : result;

    [RuntimeExport("SystemNative_FStat")]
    [MightSleep]
    private static int Status(nint descriptor, NativeFileStatus* status)
    {
        *status = default;
        if (descriptor == Description)
        {
            status->Mode = FileMode;
            status->Size = TerminalDescription.File.Length;
            return 0;
        }

        if (StandardStreams.Original(descriptor) >= 0)
        {
            status->Mode = TerminalMode;
            return 0;
        }

        if (Find(descriptor, out int number) is not { } files)
        {
            return -1;
        }

        long result = files.GetStatus(number, out RuntimeFileStatus found);
        *status = NativeFileStatus.Of(found);
        return (int)Result(result);
    }

    [RuntimeExport("SystemNative_Close")]
    [MightSleep]
    private static int Close(nint descriptor) =>
        StandardStreams.Original(descriptor) >= 0 || descriptor == Description ? 0
        : Find(descriptor, out int number) is { } files ? (int)Result(files.Close(number)) : -1;

    [RuntimeExport("SystemNative_Dup")]
    [MightSleep]
    private static nint Duplicate(nint descriptor)
    {
        if (StandardStreams.Original(descriptor) >= 0)
        {
            return StandardStreams.Duplicate(descriptor);
        }

        return Find(descriptor, out int number) is { } files ? FromResult(files.Duplicate(number)) : -1;
    }

    [RuntimeExport("SystemNative_Read")]
    [MightSleep]
    private static int Read(nint descriptor, byte* buffer, int count)
    {
        if (count < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        if (StandardStreams.Original(descriptor) >= 0)
        {
            return StandardStreams.Read(descriptor, new Span<byte>(buffer, count));
        }

        return Find(descriptor, out int number) is { } files ? (int)Result(files.Read(number, new Span<byte>(buffer, count), RuntimeFiles.AtPosition)) : -1;
    }

    [RuntimeExport("SystemNative_Write")]
    [MightSleep]
    private static int Write(nint descriptor, byte* buffer, int count)
    {
        if (count < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        if (StandardStreams.Original(descriptor) >= 0)
        {
            return StandardStreams.Write(descriptor, new ReadOnlySpan<byte>(buffer, count));
        }

        return Find(descriptor, out int number) is { } files ? (int)Result(files.Write(number, new ReadOnlySpan<byte>(buffer, count), RuntimeFiles.AtPosition)) : -1;
    }

    // CoreLib asks for the position to learn whether it can seek.
    [RuntimeExport("SystemNative_LSeek")]
    [MightSleep]
    private static long Seek(nint descriptor, long offset, int origin)
    {
        if (descriptor == Description)
        {
            return 0;
        }

        if (StandardStreams.Original(descriptor) >= 0)
        {
            return Errno.Fail(Errno.IllegalSeek);
        }

        return Find(descriptor, out int number) is { } files ? Result(files.Seek(number, offset, origin)) : -1;
    }

    [RuntimeExport("SystemNative_PRead")]
    [MightSleep]
    private static int ReadAt(nint descriptor, byte* buffer, int count, long offset)
    {
        if (StandardStreams.Original(descriptor) >= 0)
        {
            return Errno.Fail(Errno.IllegalSeek);
        }

        if (count < 0 || offset < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        if (descriptor == Description)
        {
            ReadOnlySpan<byte> content = TerminalDescription.File;
            content = content[(int)Math.Min(offset, content.Length)..];
            content = content[..Math.Min(count, content.Length)];
            content.CopyTo(new Span<byte>(buffer, count));
            return content.Length;
        }

        return Find(descriptor, out int number) is { } files ? (int)Result(files.Read(number, new Span<byte>(buffer, count), offset)) : -1;
    }

    [RuntimeExport("SystemNative_PWrite")]
    [MightSleep]
    private static int WriteAt(nint descriptor, byte* buffer, int count, long offset)
    {
        if (count < 0 || offset < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        return Find(descriptor, out int number) is { } files ? (int)Result(files.Write(number, new ReadOnlySpan<byte>(buffer, count), offset)) : -1;
    }

    // Part after part, until one is short: CoreLib goes on from there (readv(2) may end early).
    [RuntimeExport("SystemNative_PReadV")]
    [MightSleep]
    private static long ReadVectorAt(nint descriptor, Vector* vectors, int count, long offset)
    {
        if (Find(descriptor, out int number) is not { } files)
        {
            return -1;
        }

        long total = 0;
        for (int i = 0; i < count; i++)
        {
            int length = vectors[i].Length;
            long done = files.Read(number, new Span<byte>(vectors[i].Start, length), offset + total);
            if (done < 0)
            {
                return total > 0 ? total : Result(done);
            }

            total += done;
            if (done < length)
            {
                break;
            }
        }

        return total;
    }

    [RuntimeExport("SystemNative_PWriteV")]
    [MightSleep]
    private static long WriteVectorAt(nint descriptor, Vector* vectors, int count, long offset)
    {
        if (Find(descriptor, out int number) is not { } files)
        {
            return -1;
        }

        long total = 0;
        for (int i = 0; i < count; i++)
        {
            int length = vectors[i].Length;
            long done = files.Write(number, new ReadOnlySpan<byte>(vectors[i].Start, length), offset + total);
            if (done < 0)
            {
                return total > 0 ? total : Result(done);
            }

            total += done;
            if (done < length)
            {
                break;
            }
        }

        return total;
    }

    [RuntimeExport("SystemNative_FTruncate")]
    [MightSleep]
    private static int Truncate(nint descriptor, long length) => Find(descriptor, out int number) is { } files ? (int)Result(files.Truncate(number, length)) : -1;

    [RuntimeExport("SystemNative_FSync")]
    [MightSleep]
    private static int Synchronize(nint descriptor) => Find(descriptor, out int number) is { } files ? (int)Result(files.Synchronize(number)) : -1;

    [RuntimeExport("SystemNative_FAllocate")]
    [MightSleep]
    private static int Allocate(nint descriptor, long offset, long length) => Find(descriptor, out int number) is { } files ? (int)Result(files.Allocate(number, offset, length)) : -1;

    // Advice changes nothing here, as it may (posix_fadvise(2)). Returns the error itself.
    [RuntimeExport("SystemNative_PosixFAdvise")]
    [MightSleep]
    private static int Advise(nint descriptor, long offset, long length, int advice)
    {
        if (Find(descriptor, out int number) is not { } files)
        {
            return Errno.Current;
        }

        long position = files.Seek(number, 0, 1);
        return position < 0 ? (int)-position : length < 0 || (uint)advice > 5 ? Errno.Invalid : KeepRunning;
    }

    [RuntimeExport("SystemNative_FLock")]
    [MightSleep]
    private static int Lock(nint descriptor, int operation) => Find(descriptor, out int number) is { } files ? (int)Result(files.Lock(number, operation)) : -1;

    [RuntimeExport("SystemNative_LockFileRegion")]
    [MightSleep]
    private static int LockRegion(nint descriptor, long offset, long length, int kind) => Find(descriptor, out int number) is { } files ? (int)Result(files.LockRange(number, offset, length, (short)kind)) : -1;

    [RuntimeExport("SystemNative_FChMod")]
    [MightSleep]
    private static int ChangeMode(nint descriptor, int mode) => Find(descriptor, out int number) is { } files ? (int)Result(files.ChangeMode(number, (uint)mode)) : -1;

    [RuntimeExport("SystemNative_FUTimens")]
    [MightSleep]
    private static int SetTimes(nint descriptor, NativeTime* times) =>
        Find(descriptor, out int number) is { } files ? (int)Result(files.SetTimes(number, times[0].ToNanoseconds(), times[1].ToNanoseconds())) : -1;

    [RuntimeExport("SystemNative_FChflags")]
    private static int ChangeFlags(nint descriptor, uint flags) => Errno.Fail(Errno.NotSupported);

    [RuntimeExport("SystemNative_GetFileSystemType")]
    [MightSleep]
    private static uint FileSystemType(nint descriptor)
    {
        if (Find(descriptor, out int number) is not { } files)
        {
            return 0;
        }

        return Result(files.GetStatistics(number, out RuntimeFileSystemStatistics statistics)) == 0 ? (uint)statistics.Magic : 0;
    }

    // Content, then times and permissions, as libSystem.Native does it.
    [RuntimeExport("SystemNative_CopyFile")]
    [MightSleep]
    private static int Copy(nint source, nint destination, long length)
    {
        const int BufferBytes = 16 * 1024;
        if (Find(source, out int from) is not { } files || Find(destination, out int to) is null)
        {
            return -1;
        }

        byte* buffer = (byte*)CosmosKernel.Memory.Slabs.KernelHeap.Allocate(BufferBytes);
        if (buffer == null)
        {
            return Errno.Fail(Errno.NoMemory);
        }

        long result = 0;
        while (true)
        {
            long read = files.Read(from, new Span<byte>(buffer, BufferBytes), RuntimeFiles.AtPosition);
            result = read;
            for (long done = 0; read > 0 && done < read;)
            {
                result = files.Write(to, new ReadOnlySpan<byte>(buffer + done, (int)(read - done)), RuntimeFiles.AtPosition);
                if (result <= 0)
                {
                    break;
                }

                done += result;
            }

            if (read <= 0 || result <= 0)
            {
                break;
            }
        }

        CosmosKernel.Memory.Slabs.KernelHeap.Free(buffer);
        RuntimeFileStatus status = default;
        if (result >= 0)
        {
            result = files.GetStatus(from, out status);
        }

        if (result >= 0)
        {
            result = files.SetTimes(to, status.AccessTime, status.ModifyTime);
        }

        return (int)Result(result < 0 ? result : files.ChangeMode(to, status.Mode & 0x1FF));
    }

    [RuntimeExport("SystemNative_IsATty")]
    [MightSleep]
    private static int IsTerminal(nint descriptor)
    {
        if (StandardStreams.Original(descriptor) >= 0)
        {
            return 1;
        }

        return Find(descriptor, out int number) is { } files && Result(files.IsTerminal(number)) == 1 ? 1 : 0;
    }

    // CoreLib's IOVector.
    private readonly struct Vector(byte* start, nuint count)
    {
        public readonly byte* Start = start;
        private readonly nuint _count = count;

        // One transfer has at most that many bytes (read(2)).
        public int Length => (int)Math.Min(_count, 0x7FFFF000);
    }
}
