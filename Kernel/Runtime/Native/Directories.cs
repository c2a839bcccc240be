using System;
using System.Runtime;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>Directories that are being listed (opendir(3)). A handle is native memory with a descriptor and the entries that were read last; one task at a time uses it, as CoreLib's enumerators do.</summary>
internal static unsafe class Directories
{
    private const int BufferBytes = 4096;
    private const int EndOfDirectory = -1;

    // O_DIRECTORY and O_CLOEXEC.
    private const int OpenFlags = 0x10000 | 0x80000;

    // linux_dirent64: inode, next position, length of the record, type, name.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    [RuntimeExport("SystemNative_OpenDir")]
    [MightSleep]
    private static nint Open(byte* path)
    {
        if (FilePaths.Find(path, out ReadOnlySpan<byte> text) is not { } files)
        {
            return 0;
        }

        var handle = (Handle*)KernelHeap.Allocate((nuint)(sizeof(Handle) + BufferBytes));
        if (handle == null)
        {
            Errno.Current = Errno.NoMemory;
            return 0;
        }

        long descriptor = FileDescriptors.Result(files.Open(text, OpenFlags, 0));
        if (descriptor < 0)
        {
            KernelHeap.Free(handle);
            return 0;
        }

        *handle = new Handle { Descriptor = (int)descriptor };
        return (nint)handle;
    }

    [RuntimeExport("SystemNative_CloseDir")]
    [MightSleep]
    private static int Close(nint directory)
    {
        if (directory == 0 || RuntimeFiles.Instance is not { } files)
        {
            return Errno.Fail(Errno.BadDescriptor);
        }

        var handle = (Handle*)directory;
        long result = files.Close(handle->Descriptor);
        KernelHeap.Free(handle);
        return (int)FileDescriptors.Result(result);
    }

    // The name stays in the handle's own buffer until the next call.
    [RuntimeExport("SystemNative_GetReadDirRBufferSize")]
    private static int BufferSize() => 0;

    // Returns 0, -1 behind the last entry, or the error itself.
    [RuntimeExport("SystemNative_ReadDirR")]
    [MightSleep]
    private static int Read(nint directory, byte* buffer, int size, Entry* entry)
    {
        *entry = default;
        if (directory == 0 || RuntimeFiles.Instance is not { } files)
        {
            return Errno.BadDescriptor;
        }

        var handle = (Handle*)directory;
        byte* records = (byte*)(handle + 1);
        if (handle->Position >= handle->End)
        {
            long bytes = files.ReadDirectory(handle->Descriptor, new Span<byte>(records, BufferBytes));
            if (bytes <= 0)
            {
                return bytes == 0 ? EndOfDirectory : (int)-bytes;
            }

            handle->Position = 0;
            handle->End = (int)bytes;
        }

        byte* record = records + handle->Position;
        handle->Position += *(ushort*)(record + LengthOffset);
        entry->Name = record + NameOffset;
        entry->NameLength = CString.AsSpan(entry->Name).Length;
        entry->Type = record[TypeOffset];
        return 0;
    }

    // The records lie behind it.
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Handle
    {
        public int Descriptor;
        public int Position;
        public int End;
    }

    // CoreLib's DirectoryEntry.
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public byte* Name;
        public int NameLength;
        public int Type;
    }
}
