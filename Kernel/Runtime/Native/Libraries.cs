using System.Runtime;

namespace CosmosKernel.Runtime.Native;

/// <summary>Shared libraries: there are none. Loading fails with a text that says so.</summary>
internal static unsafe class Libraries
{
    [RuntimeExport("SystemNative_LoadLibrary")]
    private static nint Load(byte* name) => 0;

    [RuntimeExport("SystemNative_GetLoadLibraryError")]
    private static nint LoadError()
    {
        System.ReadOnlySpan<byte> text = "The kernel has no shared libraries\0"u8;
        return (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(text));
    }

    [RuntimeExport("SystemNative_GetProcAddress")]
    private static nint GetAddress(nint library, byte* name) => 0;

    [RuntimeExport("SystemNative_GetDefaultSearchOrderPseudoHandle")]
    private static nint DefaultHandle() => 0;

    [RuntimeExport("SystemNative_FreeLibrary")]
    private static void Free(nint library)
    {
    }
}
