using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Paging;

/// <summary>Where the linker put the image. The addresses come from X#, which knows the linker's symbols.</summary>
public static unsafe class ImageLayout
{
    /// <summary>Distance between an address of the image and its physical address.</summary>
    public const ulong VirtualBase = 0xFFFF_FFFF_8000_0000;

    private enum Symbol
    {
        Start,
        BootEnd,
        TextStart,
        TextEnd,
        ReadOnlyStart,
        ReadOnlyEnd,
        DataStart,
        End,
        SymbolsStart,
        SymbolsEnd,
        VdsoStart,
        VdsoEnd,
        ExportsStart,
        ExportsEnd,
    }

    /// <summary>Physical start, page-aligned, with the boot code.</summary>
    public static ulong PhysicalStart => Address(Symbol.Start) - VirtualBase;

    /// <summary>Physical end, page-aligned, with zeroed data.</summary>
    public static ulong PhysicalEnd => Address(Symbol.End) - VirtualBase;

    /// <summary>Start of code.</summary>
    public static ulong TextStart => Address(Symbol.TextStart);

    /// <summary>End of code.</summary>
    public static ulong TextEnd => Address(Symbol.TextEnd);

    /// <summary>Start of constant data.</summary>
    public static ulong ReadOnlyStart => Address(Symbol.ReadOnlyStart);

    /// <summary>End of constant data.</summary>
    public static ulong ReadOnlyEnd => Address(Symbol.ReadOnlyEnd);

    /// <summary>Start of writable data.</summary>
    public static ulong DataStart => Address(Symbol.DataStart);

    /// <summary>End of writable data, zeroed data included.</summary>
    public static ulong End => Address(Symbol.End);

    /// <summary>Start of the symbol table for backtraces.</summary>
    public static byte* SymbolsStart => (byte*)Address(Symbol.SymbolsStart);

    /// <summary>Length of the symbol table in bytes.</summary>
    public static ulong SymbolsLength => Address(Symbol.SymbolsEnd) - Address(Symbol.SymbolsStart);

    /// <summary>What the kernel exports to modules that are loaded at run time (docs/module-loading.md); empty in a kernel that cannot load any.</summary>
    public static System.ReadOnlySpan<byte> Exports => new((void*)Address(Symbol.ExportsStart), (int)(Address(Symbol.ExportsEnd) - Address(Symbol.ExportsStart)));

    /// <summary>The vDSO, a shared object that is mapped into programs.</summary>
    public static System.ReadOnlySpan<byte> Vdso => new((void*)Address(Symbol.VdsoStart), (int)(Address(Symbol.VdsoEnd) - Address(Symbol.VdsoStart)));

    /// <summary>Whether an address is in the image's code.</summary>
    public static bool IsText(ulong address) => address >= TextStart && address < TextEnd;

    [RuntimeImport("ImageSymbolAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong Address(Symbol symbol);
}
