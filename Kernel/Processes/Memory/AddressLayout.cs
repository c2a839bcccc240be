using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// Where the parts of an address space begin. Programs of the kind ET_DYN at two thirds of user memory, the heap behind the program, the stack at the top, mappings from below the stack's
/// largest size downwards; each of them moved by a random distance, unless personality(2) says ADDR_NO_RANDOMIZE.
/// </summary>
/// <param name="StackTop">End of the stack.</param>
/// <param name="MapTop">Mappings lie below, and grow down from here.</param>
/// <param name="MapBottom">Where mappings begin that grow upwards: when there is no room below <paramref name="MapTop"/>, or always (ADDR_COMPAT_LAYOUT).</param>
/// <param name="ProgramBase">Where a program that can be anywhere begins.</param>
/// <param name="HeapShift">Distance of the heap from the end of the program.</param>
/// <param name="GrowsUp">Mappings grow upwards.</param>
[Immutable]
public readonly record struct AddressLayout(ulong StackTop, ulong MapTop, ulong MapBottom, ulong ProgramBase, ulong HeapShift, bool GrowsUp)
{
    /// <summary>End of user memory.</summary>
    public const ulong Limit = AddressSpace.Limit;

    /// <summary>Bits of the random distance of mappings and programs, in pages (vm.mmap_rnd_bits).</summary>
    public const int MapRandomBits = 28;

    private const ulong StackRandomPages = 1ul << 22;
    private const ulong LeastStackGap = 128ul << 20;
    private const ulong LargestStackGap = Limit / 6 * 5;
    private const ulong HeapRandomPages = 1ul << 18;

    /// <summary>Chooses the places.</summary>
    /// <param name="stackLimit">RLIMIT_STACK, bytes.</param>
    /// <param name="growsUp">Mappings shall grow upwards.</param>
    /// <param name="random">Random bits; 0 for the places without a random distance.</param>
    public static AddressLayout Create(ulong stackLimit, bool growsUp, ulong random)
    {
        bool randomized = random != 0;
        ulong mapRandom = (random & ((1ul << MapRandomBits) - 1)) << AddressSpace.PageShift;
        ulong programRandom = ((random >> MapRandomBits) & ((1ul << MapRandomBits) - 1)) << AddressSpace.PageShift;

        // One word is enough for all: the distances need not be independent bit by bit, only unknown.
        ulong mixed = random * 0x9E37_79B9_7F4A_7C15;
        ulong stackRandom = (mixed >> 42 & (StackRandomPages - 1)) << AddressSpace.PageShift;
        ulong heapRandom = (mixed >> 20 & (HeapRandomPages - 1)) << AddressSpace.PageShift;

        ulong pad = AreaTree.GuardGap + (randomized ? StackRandomPages << AddressSpace.PageShift : 0);
        ulong gap = stackLimit > Limit ? Limit : stackLimit;
        gap += pad;
        gap = gap < LeastStackGap ? LeastStackGap : gap > LargestStackGap ? LargestStackGap : gap;
        return new AddressLayout(
            Limit - stackRandom,
            AddressSpace.PageDown(Limit - gap - mapRandom),
            AddressSpace.PageUp(Limit / 3) + mapRandom,
            AddressSpace.PageDown(Limit / 3 * 2) + programRandom,
            heapRandom,
            growsUp);
    }
}
