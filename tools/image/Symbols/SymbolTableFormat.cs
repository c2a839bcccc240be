namespace CosmosKernel.Tools.Image.Symbols;

/// <summary>The kernel's symbol table as bytes; <c>docs/checks.md</c> has the layout, and the kernel's reader has the same numbers.</summary>
internal static class SymbolTableFormat
{
    /// <summary>The first four bytes: "CSYM".</summary>
    public const uint Magic = 0x4D595343;

    /// <summary>Changes whenever a reader of the old layout would misread the new one.</summary>
    public const uint Version = 1;

    /// <summary>Size of the header in bytes.</summary>
    public const int HeaderSize = 64;

    /// <summary>Size of a function record in bytes: start, size, type name, method name, lines.</summary>
    public const int FunctionSize = 20;

    /// <summary>A function's line offset when none of its lines are known.</summary>
    public const uint NoLines = 0xFFFFFFFF;

    /// <summary>Where the kernel image is linked: the base that function addresses are relative to.</summary>
    public const ulong KernelBase = 0xFFFFFFFF80000000;
}
