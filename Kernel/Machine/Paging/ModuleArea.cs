namespace CosmosKernel.Machine.Paging;

/// <summary>
/// The addresses of modules that are loaded at run time: the end of the address space, within 2 GiB of the image, so that 32-bit relative addresses reach from each to the other
/// (System V ABI AMD64 supplement, 3.5.1, kernel code model).
/// </summary>
public static class ModuleArea
{
    /// <summary>Start.</summary>
    public const ulong Base = 0xFFFF_FFFF_C000_0000;

    /// <summary>Size in bytes; the last 16 MiB of the address space stay free, so that no offset wraps.</summary>
    public const ulong Bytes = 0x3F00_0000;

    /// <summary>Whether an address is in it. Any context.</summary>
    public static bool Contains(ulong address) => address - Base < Bytes;
}
