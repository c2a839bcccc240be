using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Images;

namespace CosmosKernel.Runtime.Startup;

/// <summary>Places in the image that the runtime reads: what ILC and the linker made. X# knows the symbols.</summary>
internal static unsafe class RuntimeImage
{
    private enum Symbol
    {
        ModulesStart,
        ModulesEnd,
        ManagedCodeStart,
        ManagedCodeEnd,
        UnboxingStubsStart,
        UnboxingStubsEnd,
        UnwindIndex,
        Knobs,
        InterruptEntriesStart,
        InterruptEntriesEnd,
        DispatchLeafStart,
        DispatchLeafEnd,
        MemoryLeafStart,
        MemoryLeafEnd,
        BarrierLeafStart,
        BarrierLeafEnd,
        CastStatics,
        ModuleStatics,
        ModulePlainStatics,
        ReflectionStatics,
        ReflectionListConstructor,
    }

    /// <summary>One pointer for each module's ready-to-run header; null entries are allowed.</summary>
    public static nint* ModulesStart => (nint*)Address(Symbol.ModulesStart);

    /// <summary>End of the table at <see cref="ModulesStart"/>.</summary>
    public static nint* ModulesEnd => (nint*)Address(Symbol.ModulesEnd);

    /// <summary>.eh_frame_hdr, the sorted index of the unwind tables.</summary>
    public static byte* UnwindIndex => (byte*)Address(Symbol.UnwindIndex);

    /// <summary>ILC's runtime knobs: a count in 8 bytes, the names' addresses, the values' addresses.</summary>
    public static byte* Knobs => (byte*)Address(Symbol.Knobs);

    /// <summary>The cell of CoreLib's <c>TypeCast</c> statics with references: the cache of casts.</summary>
    public static nint* CastStatics => (nint*)Address(Symbol.CastStatics);

    /// <summary>The cell of CoreLib's <c>StartupCodeHelpers</c> statics with references: the table of modules.</summary>
    public static nint* ModuleStatics => (nint*)Address(Symbol.ModuleStatics);

    /// <summary>CoreLib's <c>StartupCodeHelpers</c> statics without references: the number of modules among them.</summary>
    public static byte* ModulePlainStatics => (byte*)Address(Symbol.ModulePlainStatics);

    /// <summary>The cell of the type loader's <c>ModuleList</c> statics: the list of modules that reflection knows.</summary>
    public static nint* ReflectionStatics => (nint*)Address(Symbol.ReflectionStatics);

    /// <summary>The constructor of the type loader's <c>ModuleList</c>, which reads CoreLib's table of modules.</summary>
    public static nint ReflectionListConstructor => (nint)Address(Symbol.ReflectionListConstructor);

    /// <summary>Whether the address is in compiled C#.</summary>
    public static bool IsManagedCode(ulong address) =>
        IsIn(address, Symbol.ManagedCodeStart) || (CodeImages.Find(address) is { } image && address >= image.ManagedStart && address < image.ManagedEnd);

    /// <summary>Whether the address is in a stub that ILC made to call a struct's method with its box.</summary>
    public static bool IsUnboxingStub(ulong address) =>
        IsIn(address, Symbol.UnboxingStubsStart) || (CodeImages.Find(address) is { } image && address >= image.UnboxingStart && address < image.UnboxingEnd);

    /// <summary>Whether the address is in the code that C# interrupt handlers return to; RBX has the interrupt frame there.</summary>
    public static bool IsInterruptEntry(ulong address) => IsIn(address, Symbol.InterruptEntriesStart);

    /// <summary>
    /// Whether the address is in one of the X# helpers that touch an object for managed code and keep nothing on the stack:
    /// a null reference there is the caller's.
    /// </summary>
    public static bool IsLeafHelper(ulong address) =>
        IsIn(address, Symbol.BarrierLeafStart) || IsIn(address, Symbol.DispatchLeafStart) || IsIn(address, Symbol.MemoryLeafStart);

    // The end of a range is the symbol behind its start.
    private static bool IsIn(ulong address, Symbol start) => address >= Address(start) && address < Address(start + 1);

    [RuntimeImport("RuntimeImageAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong Address(Symbol symbol);
}
