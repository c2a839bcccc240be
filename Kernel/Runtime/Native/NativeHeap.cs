using System.Runtime;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Slabs;

namespace CosmosKernel.Runtime.Native;

/// <summary>CoreLib's malloc family and its anonymous memory maps.</summary>
internal static unsafe class NativeHeap
{
    private const int MapAnonymous = 0x10;
    private const int ProtectionNone = 0;
    private const int ProtectionReadWrite = 3;
    private const ulong PageSize = 4096;

    private static void* MapFailed => (void*)-1;

    [RuntimeExport("SystemNative_Malloc")]
    private static void* Allocate(nuint size) => OrNoMemory(KernelHeap.Allocate(size));

    [RuntimeExport("SystemNative_Calloc")]
    private static void* AllocateZeroed(nuint count, nuint size)
    {
        nuint total = count * size;
        if (size != 0 && total / size != count)
        {
            return OrNoMemory(null);
        }

        return OrNoMemory(KernelHeap.AllocateCleared(total));
    }

    [RuntimeExport("SystemNative_Realloc")]
    private static void* Reallocate(void* block, nuint size) => OrNoMemory(KernelHeap.Reallocate(block, size));

    [RuntimeExport("SystemNative_Free")]
    private static void Free(void* block) => KernelHeap.Free(block);

    [RuntimeExport("SystemNative_AlignedAlloc")]
    private static void* AllocateAligned(nuint alignment, nuint size) => OrNoMemory(KernelHeap.AllocateAligned(size, alignment));

    [RuntimeExport("SystemNative_AlignedRealloc")]
    private static void* ReallocateAligned(void* block, nuint alignment, nuint size)
    {
        void* replacement = OrNoMemory(KernelHeap.AllocateAligned(size, alignment));
        if (replacement != null && block != null)
        {
            nuint old = KernelHeap.SizeOf(block);
            _ = MemoryOperations.Move(replacement, block, old < size ? old : size);
            KernelHeap.Free(block);
        }

        return replacement;
    }

    [RuntimeExport("SystemNative_AlignedFree")]
    private static void FreeAligned(void* block) => KernelHeap.Free(block);

    // Only private anonymous memory, read and write: there are no files to map, and no page of the kernel is both writable and executable.
    // Without rights, only addresses are taken: Protect puts memory there.
    [RuntimeExport("SystemNative_MMap")]
    private static void* Map(nint address, ulong length, int protection, int flags, nint descriptor, long offset)
    {
        if ((flags & MapAnonymous) == 0 || protection is not (ProtectionNone or ProtectionReadWrite) || length == 0)
        {
            Errno.Current = Errno.Invalid;
            return MapFailed;
        }

        void* area = VirtualAreas.ReserveAddresses((nuint)length, VirtualAreaUse.NativeHeap);
        if (area != null && protection == ProtectionReadWrite && !VirtualAreas.TryCommit(area, (nuint)length))
        {
            VirtualAreas.Free(area);
            area = null;
        }

        if (area == null)
        {
            Errno.Current = Errno.NoMemory;
            return MapFailed;
        }

        return area;
    }

    // Whole maps only, which is what CoreLib does.
    [RuntimeExport("SystemNative_MUnmap")]
    private static int Unmap(void* address, ulong length)
    {
        if (!VirtualAreas.TryFind((ulong)address, out VirtualAreaInfo info) || info.Start != (ulong)address || info.End - info.Start != RoundUp(length))
        {
            return Errno.Fail(Errno.Invalid);
        }

        VirtualAreas.Free(address);
        return 0;
    }

    [RuntimeExport("SystemNative_MProtect")]
    private static int Protect(void* address, ulong length, int protection)
    {
        if (protection != ProtectionReadWrite)
        {
            return Errno.Fail(Errno.NotImplemented);
        }

        return VirtualAreas.TryCommit(address, (nuint)length) ? 0 : Errno.Fail(Errno.NoMemory);
    }

    private static ulong RoundUp(ulong length) => (length + PageSize - 1) & ~(PageSize - 1);

    private static void* OrNoMemory(void* block)
    {
        if (block == null)
        {
            Errno.Current = Errno.NoMemory;
        }

        return block;
    }
}
