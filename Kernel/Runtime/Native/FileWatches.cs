using System;
using System.Runtime;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>What <c>FileSystemWatcher</c> asks: inotify(7).</summary>
internal static unsafe class FileWatches
{
    [RuntimeExport("SystemNative_INotifyInit")]
    [MightSleep]
    private static nint Create() => RuntimeFiles.Instance is { } files ? FileDescriptors.FromResult(files.CreateWatcher()) : Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_INotifyAddWatch")]
    [MightSleep]
    private static int Add(nint descriptor, byte* path, uint events) =>
        FilePaths.Find(path, out ReadOnlySpan<byte> text) is not null && FileDescriptors.Find(descriptor, out int number) is { } files
            ? (int)FileDescriptors.Result(files.AddWatch(number, text, events)) : -1;

    [RuntimeExport("SystemNative_INotifyRemoveWatch")]
    [MightSleep]
    private static int Remove(nint descriptor, int watch) => FileDescriptors.Find(descriptor, out int number) is { } files ? (int)FileDescriptors.Result(files.RemoveWatch(number, watch)) : -1;
}
