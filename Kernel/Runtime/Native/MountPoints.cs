using System;
using System.Runtime;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>What <c>DriveInfo</c> asks: mounts, their file systems and sizes.</summary>
internal static unsafe class MountPoints
{
    private const int PathMaximum = 4096;

    [RuntimeExport("SystemNative_GetAllMountPoints")]
    [MightSleep]
    private static int List(delegate* unmanaged<void*, byte*, void> found, void* context)
    {
        if (RuntimeFiles.Instance is not { } files)
        {
            return Errno.Fail(Errno.NoEntry);
        }

        byte* path = (byte*)KernelHeap.Allocate(PathMaximum);
        if (path == null)
        {
            return Errno.Fail(Errno.NoMemory);
        }

        long length;
        for (int i = 0; (length = files.GetMountPoint(i, new Span<byte>(path, PathMaximum - 1))) >= 0; i++)
        {
            if (length > 0)
            {
                path[length] = 0;
                found(context, path);
            }
        }

        KernelHeap.Free(path);
        return length == -Errno.NoEntry ? 0 : Errno.Fail((int)-length);
    }

    [RuntimeExport("SystemNative_GetSpaceInfoForMountPoint")]
    [MightSleep]
    private static int Space(byte* name, SpaceInformation* space)
    {
        *space = default;
        if (FilePaths.Find(name, out ReadOnlySpan<byte> path) is not { } files)
        {
            return -1;
        }

        long result = files.GetStatistics(path, out RuntimeFileSystemStatistics statistics);
        space->AvailableFree = statistics.FreeBytes;
        space->TotalFree = statistics.FreeBytes;
        space->Total = statistics.TotalBytes;
        return (int)FileDescriptors.Result(result);
    }

    // On Linux: the name of the type, and its magic number where statfs(2) has it.
    [RuntimeExport("SystemNative_GetFormatInfoForMountPoint")]
    [MightSleep]
    private static int Format(byte* name, byte* buffer, int size, long* type)
    {
        *type = -1;
        if (size <= 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        if (FilePaths.Find(name, out ReadOnlySpan<byte> path) is not { } files)
        {
            return -1;
        }

        long result = files.GetStatistics(path, out RuntimeFileSystemStatistics statistics);
        if (result >= 0)
        {
            *type = statistics.Magic;
            result = files.GetFileSystemType(path, new Span<byte>(buffer, size - 1));
        }

        if (result < 0)
        {
            return Errno.Fail((int)-result);
        }

        buffer[result] = 0;
        return 0;
    }

    // CoreLib's MountPointInformation, in bytes.
    private struct SpaceInformation
    {
        public ulong AvailableFree;
        public ulong TotalFree;
        public ulong Total;
    }
}
