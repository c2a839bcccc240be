using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Modules;

/// <summary>The <c>Type</c> objects of types, of which there is one each, wherever it is used.</summary>
public static unsafe class TypeObjects
{
    /// <summary>The address of a type's <c>Type</c> object, which CoreLib makes outside of the heap, for as long as the type exists. Task context.</summary>
    /// <param name="table">Address of the type's table.</param>
    [MightSleep]
    public static ulong Of(ulong table)
    {
        object type = Type.GetTypeFromHandle(RuntimeTypeHandle.FromIntPtr((nint)table))!;
        return *(ulong*)Unsafe.AsPointer(ref type);
    }
}
