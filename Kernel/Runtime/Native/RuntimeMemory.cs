using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// The native memory that the runtime itself and CoreLib's malloc use: never managed memory, so it may be used where the collector must not run.
/// </summary>
/// <remarks>Blocks are aligned to 16 bytes. Any context but NMI, unless the allocator behind it says otherwise.</remarks>
internal static unsafe class RuntimeMemory
{
    private static delegate*<nuint, nuint, void*> s_allocate;
    private static delegate*<void*, void> s_free;
    private static delegate*<void*, nuint> s_size;

    /// <summary>Sets the allocator.</summary>
    /// <param name="allocate">Size and alignment in bytes to a block, or null.</param>
    /// <param name="free">Frees a block.</param>
    /// <param name="size">Usable size of a block in bytes.</param>
    public static void SetAllocator(delegate*<nuint, nuint, void*> allocate, delegate*<void*, void> free, delegate*<void*, nuint> size)
    {
        s_allocate = allocate;
        s_free = free;
        s_size = size;
    }

    /// <summary>Allocates; null if there is no memory. The content is undefined.</summary>
    [NoAllocation]
    public static void* Allocate(nuint size, nuint alignment = 16) => s_allocate(size == 0 ? 1 : size, alignment);

    /// <summary>Allocates zeroed memory; null if there is none.</summary>
    [NoAllocation]
    public static void* AllocateZeroed(nuint size)
    {
        void* block = Allocate(size);
        if (block != null)
        {
            MemoryOperations.Clear(block, size);
        }

        return block;
    }

    /// <summary>Frees a block; null is allowed.</summary>
    public static void Free(void* block)
    {
        if (block != null)
        {
            s_free(block);
        }
    }

    /// <summary>Usable size of a block in bytes.</summary>
    public static nuint SizeOf(void* block) => s_size(block);
}
