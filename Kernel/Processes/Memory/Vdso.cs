using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

/// <summary>The vDSO in an address space (vdso(7)): the areas [vvar] and, right behind it, [vdso].</summary>
public static class Vdso
{
    /// <summary>Bytes of [vvar], which lies below the vDSO's first page.</summary>
    public const ulong ClocksBytes = AddressSpace.PageBytes;

    /// <summary>Bytes of [vdso].</summary>
    public static ulong ImageBytes => (ulong)VdsoPages.ImageCount * AddressSpace.PageBytes;

    /// <summary>Maps both at an address that nobody can guess: between the stack and the end of memory, or where mappings go if there is no room. Task context.</summary>
    /// <param name="space">Where.</param>
    /// <param name="random">Random bits; 0 for the lowest place above the stack.</param>
    /// <returns>The address of the vDSO's ELF header, or a negative error number.</returns>
    [MightSleep]
    public static long Map(AddressSpace space, ulong random)
    {
        ulong bytes = ClocksBytes + ImageBytes;
        ulong lowest = AddressSpace.PageUp(space.Layout.StackTop);
        ulong room = AddressSpace.Limit - lowest;
        ulong hint = room < bytes ? 0 : lowest + ((random % (((room - bytes) >> AddressSpace.PageShift) + 1)) << AddressSpace.PageShift);
        return MapAt(space, hint);
    }

    /// <summary>Maps both at an address, or elsewhere if something is there. Task context.</summary>
    /// <returns>The address of the vDSO's ELF header, or a negative error number.</returns>
    [MightSleep]
    public static long MapAt(AddressSpace space, ulong hint)
    {
        // One mapping finds the place for both, and the two take its place.
        const MapFlags Kind = MapFlags.Private;
        long place = space.Map(hint, ClocksBytes + ImageBytes, MemoryProtection.None, Kind | MapFlags.Anonymous | MapFlags.NoReserve, default);
        if (place < 0)
        {
            return place;
        }

        ulong image = (ulong)place + ClocksBytes;
        MappingSource clocks = new(VdsoObject.Clocks, 0, MemoryProtection.Read) { Label = "[vvar]", Extra = AreaFlags.Special | AreaFlags.DontDump };
        long result = space.Map((ulong)place, ClocksBytes, MemoryProtection.Read, Kind | MapFlags.Fixed, clocks);
        if (result >= 0)
        {
            // A debugger may put breakpoints in: the page is a copy then.
            MappingSource code = new(VdsoObject.Image, 0) { Label = "[vdso]", Extra = AreaFlags.Special };
            result = space.Map(image, ImageBytes, MemoryProtection.Read | MemoryProtection.Execute, Kind | MapFlags.Fixed, code);
        }

        if (result < 0)
        {
            _ = space.Unmap((ulong)place, ClocksBytes + ImageBytes);
            return result;
        }

        return (long)image;
    }
}
