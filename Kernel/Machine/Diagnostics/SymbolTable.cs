using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// Names the method and source line of an address, from the table that <c>image symbols</c> puts behind the kernel's image
/// (<c>docs/checks.md</c>, "Symbol table"). A panic depends on it, so it allocates, locks and throws nothing, and it checks every offset
/// that it follows: a damaged table costs names, never a second fault.
/// </summary>
/// <remarks>
/// Callable in every context, once <see cref="Initialize"/> has returned; the table is only read, so any number of CPUs may search at once.
/// </remarks>
[Immutable]
public static unsafe class SymbolTable
{
    private static SymbolTableView s_kernel;

    /// <summary>Whether a valid table was given.</summary>
    public static bool IsAvailable => s_kernel.IsAvailable;

    /// <summary>Number of functions in the table.</summary>
    public static uint FunctionCount => s_kernel.FunctionCount;

    /// <summary>Takes the table into use, if it is one.</summary>
    /// <param name="table">Its first byte; has to stay mapped from now on.</param>
    /// <param name="length">Number of bytes that are readable there.</param>
    /// <returns>False, and the table is not used, when magic, version or any bound is wrong.</returns>
    /// <remarks>Early boot, one CPU, before the first call of <see cref="TryFind"/>.</remarks>
    [BeforePublication]
    public static bool Initialize(byte* table, ulong length) => SymbolTableView.TryRead(table, length, 0, out s_kernel);

    /// <summary>Finds the function that contains an address, and the line that the address belongs to, in the kernel or in a module.</summary>
    /// <param name="address">
    /// Virtual address of an instruction. For a return address on a stack, pass one less: the call may be the last instruction of its line,
    /// or of its function.
    /// </param>
    /// <param name="info">What was found; all zero when nothing was.</param>
    /// <returns>Whether a function of the kernel's image or of a module contains the address.</returns>
    public static bool TryFind(ulong address, out SymbolInfo info)
    {
        if (!ModuleArea.Contains(address))
        {
            return s_kernel.TryFind(address, out info);
        }

        info = default;
        CodeImage? image = CodeImages.Find(address);
        if (image is null)
        {
            return false;
        }

        bool found = image.Symbols.TryFind(address, out info);
        info.ModuleName = (byte*)image.Name;
        info.ModuleNameLength = image.NameLength;
        return found;
    }
}
