using System.Runtime;

namespace CosmosKernel.Runtime.Native;

/// <summary>What <c>MemoryMappedFile</c> asks besides <c>mmap</c>, which maps no files here: shared memory objects and advice. All of it fails, and CoreLib's caller says so.</summary>
internal static unsafe class MemoryMaps
{
    [RuntimeExport("SystemNative_ShmOpen")]
    private static nint OpenShared(byte* name, int flags, int mode) => Errno.Fail(Errno.NotSupported);

    [RuntimeExport("SystemNative_ShmUnlink")]
    private static int UnlinkShared(byte* name) => Errno.Fail(Errno.NotSupported);

    [RuntimeExport("SystemNative_MSync")]
    private static int Synchronize(void* address, ulong length, int flags) => Errno.Fail(Errno.Invalid);

    [RuntimeExport("SystemNative_MAdvise")]
    private static int Advise(void* address, ulong length, int advice) => Errno.Fail(Errno.Invalid);

    // Descriptors of the kernel pass to no other program: whether one would close then is not kept.
    [RuntimeExport("SystemNative_FcntlSetFD")]
    private static int SetDescriptorFlags(nint descriptor, int flags) => Errno.Fail(Errno.NotSupported);
}
