using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Runtime.Dispatch;

/// <summary>The X# stubs that a <see cref="DispatchCell"/> may point to.</summary>
internal static unsafe class DispatchStubs
{
    /// <summary>Resolves every call.</summary>
    public static nint Initial => (nint)(delegate*<void>)&InitialStub;

    /// <summary>Looks into the cell's table first.</summary>
    public static nint Cached => (nint)(delegate*<void>)&CachedStub;

    [RuntimeImport("RhpInitialDynamicInterfaceDispatch")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void InitialStub();

    [RuntimeImport("RhpCachedInterfaceDispatch")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void CachedStub();
}
