using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Machine.Images;

/// <summary>
/// A module that was loaded at run time, as everything sees it that starts from an address: unwinding, panics, faults, the collector. Constant. Who has found one by an address of its code
/// keeps it mapped as long as that address is on a stack or in a register: the module's memory is not released before.
/// </summary>
public sealed unsafe class CodeImage
{
    /// <summary>First byte of the module's memory; code is first.</summary>
    public required ulong Start { get; init; }

    /// <summary>End of code.</summary>
    public required ulong TextEnd { get; init; }

    /// <summary>End of constant data, which begins where code ends; writable data follows.</summary>
    public required ulong ReadOnlyEnd { get; init; }

    /// <summary>End of the module's memory.</summary>
    public required ulong End { get; init; }

    /// <summary>Compiled C#: first byte.</summary>
    public required ulong ManagedStart { get; init; }

    /// <summary>Compiled C#: end.</summary>
    public required ulong ManagedEnd { get; init; }

    /// <summary>Stubs that call a struct's method with its box: first byte.</summary>
    public required ulong UnboxingStart { get; init; }

    /// <summary>The stubs' end.</summary>
    public required ulong UnboxingEnd { get; init; }

    /// <summary>The sorted index of the unwind tables: pairs of 32-bit numbers, offset of a function from <see cref="Start"/>, offset of its entry in <see cref="UnwindEntries"/>.</summary>
    public required ulong UnwindIndex { get; init; }

    /// <summary>Number of pairs.</summary>
    public required uint UnwindCount { get; init; }

    /// <summary>The frame description entries.</summary>
    public required ulong UnwindEntries { get; init; }

    /// <summary>Bytes of the frame description entries.</summary>
    public required uint UnwindBytes { get; init; }

    /// <summary>Names and lines; not available when the module came without.</summary>
    public required SymbolTableView Symbols { get; init; }

    /// <summary>The module's name in UTF-8, in its constant data.</summary>
    public required ulong Name { get; init; }

    /// <summary>Bytes of <see cref="Name"/>.</summary>
    public required int NameLength { get; init; }

    /// <summary>Whether an address is in the module's memory.</summary>
    public bool Contains(ulong address) => address >= Start && address < End;
}
