using System.Runtime;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Native;

/// <summary>CoreLib's malloc family and its anonymous memory maps.</summary>
internal static unsafe class NativeHeap
{
    private const int MapAnonymous = 0x10;
    private const int ProtectionExecute = 4;
    private const int ProtectionReadWrite = 3;
    private const nuint PageSize = 4096;

    [RuntimeExport("SystemNative_Malloc")]
    private static void* Allocate(nuint size) => OrNoMemory(RuntimeMemory.Allocate(size));

    [RuntimeExport("SystemNative_Calloc")]
    private static void* AllocateZeroed(nuint count, nuint size)
    {
        nuint total = count * size;
        if (size != 0 && total / size != count)
        {
            return OrNoMemory(null);
        }

        return OrNoMemory(RuntimeMemory.AllocateZeroed(total));
    }

    [RuntimeExport("SystemNative_Realloc")]
    private static void* Reallocate(void* block, nuint size) => Resize(block, size, 16);

    [RuntimeExport("SystemNative_Free")]
    private static void Free(void* block) => RuntimeMemory.Free(block);

    [RuntimeExport("SystemNative_AlignedAlloc")]
    private static void* AllocateAligned(nuint alignment, nuint size) => OrNoMemory(RuntimeMemory.Allocate(size, alignment < 16 ? 16 : alignment));

    [RuntimeExport("SystemNative_AlignedRealloc")]
    private static void* ReallocateAligned(void* block, nuint alignment, nuint size) => Resize(block, size, alignment < 16 ? 16 : alignment);

    [RuntimeExport("SystemNative_AlignedFree")]
    private static void FreeAligned(void* block) => RuntimeMemory.Free(block);

    // Only private anonymous memory, read and write: there are no files to map, and no page of the kernel is both writable and executable.
    [RuntimeExport("SystemNative_MMap")]
    private static void* Map(nint address, ulong length, int protection, int flags, nint descriptor, long offset)
    {
        if ((flags & MapAnonymous) == 0 || (protection & ProtectionExecute) != 0 || length == 0)
        {
            Errno.Current = Errno.Invalid;
            return (void*)-1;
        }

        nuint size = ((nuint)length + PageSize - 1) & ~(PageSize - 1);
        void* block = RuntimeMemory.Allocate(size, PageSize);
        if (block == null)
        {
            Errno.Current = Errno.NoMemory;
            return (void*)-1;
        }

        MemoryOperations.Clear(block, size);
        return block;
    }

    [RuntimeExport("SystemNative_MUnmap")]
    private static int Unmap(void* address, ulong length)
    {
        RuntimeMemory.Free(address);
        return 0;
    }

    // CoreLib maps without rights and asks for them piece by piece. What Map gave can be read and written from the start.
    [RuntimeExport("SystemNative_MProtect")]
    private static int Protect(nint address, ulong length, int protection) =>
        protection == ProtectionReadWrite ? 0 : Errno.Fail(Errno.NotImplemented);

    [NoAllocation]
    private static void* OrNoMemory(void* block)
    {
        if (block == null)
        {
            Errno.Current = Errno.NoMemory;
        }

        return block;
    }

    private static void* Resize(void* block, nuint size, nuint alignment)
    {
        void* replacement = OrNoMemory(RuntimeMemory.Allocate(size, alignment));
        if (replacement != null && block != null)
        {
            nuint old = RuntimeMemory.SizeOf(block);
            _ = MemoryOperations.Move(replacement, block, old < size ? old : size);
            RuntimeMemory.Free(block);
        }

        return replacement;
    }
}
