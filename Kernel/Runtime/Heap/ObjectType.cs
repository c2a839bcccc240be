using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// What the heap reads of a NativeAOT MethodTable: flags, instance size, and through <see cref="GcDescriptor"/> where its references are.
/// Layout of CoreLib 9.0 (<c>Internal.Runtime.MethodTable</c>, <c>EETypeFlags</c>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ObjectType
{
    /// <summary>The instance holds references, so a descriptor lies before the table.</summary>
    public const uint HasPointers = 0x0100_0000;

    /// <summary>The type has a finalizer.</summary>
    public const uint HasFinalizer = 0x0010_0000;

    /// <summary>Arrays and strings: the low 16 bits of <see cref="Flags"/> are the element's size in bytes.</summary>
    public const uint HasComponentSize = 0x8000_0000;

    /// <summary>In the low 16 bits of a type without component size: derives from CriticalFinalizerObject.</summary>
    public const uint HasCriticalFinalizer = 0x0002;

    /// <summary>What kind of type it is (CoreLib: EETypeElementType).</summary>
    public const uint KindMask = 0x7C00_0000;

    /// <summary>Smallest instance: header word, MethodTable pointer and one word.</summary>
    public const uint MinimumSize = 24;

    /// <summary>Bytes of an array's or string's length field and what lies before it, counted from the object reference.</summary>
    public const int LengthOffset = 8;

    /// <summary>Flag bits and, for arrays and strings, the component size.</summary>
    public uint Flags;

    /// <summary>Size of an instance in bytes, header included, elements excluded.</summary>
    public uint BaseSize;

    /// <summary>False for the objects that hold static fields: the kind of type (class, structure, ...) is missing in their tables.</summary>
    public readonly bool IsType => (Flags & (HasComponentSize | KindMask)) != 0;

    /// <summary>Size of one element in bytes; only for types with <see cref="HasComponentSize"/>.</summary>
    public readonly uint ComponentSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ushort)Flags;
    }

    /// <summary>True for arrays and strings.</summary>
    public readonly bool IsVariable
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)Flags < 0;
    }

    /// <summary>True when an instance can hold references to other objects.</summary>
    public readonly bool ContainsReferences
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Flags & HasPointers) != 0;
    }

    /// <summary>True when the finalizer must run after those of ordinary objects (CriticalFinalizerObject).</summary>
    public readonly bool IsCriticalFinalizer => !IsVariable && (Flags & HasCriticalFinalizer) != 0;

    /// <summary>Bytes that an instance with <paramref name="length"/> elements occupies, header included, a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nuint SizeOf(uint length)
    {
        nuint size = BaseSize;
        if (IsVariable)
        {
            size += (nuint)ComponentSize * length;
        }

        return (size + 7) & ~(nuint)7;
    }

    /// <summary>The size in bytes of the whole object at <paramref name="reference"/>, whose type this is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nuint SizeOf(nuint reference)
    {
        nuint size = BaseSize;
        if (IsVariable)
        {
            // Only here: the base size of other types is a multiple of 8.
            size = (size + ((nuint)ComponentSize * *(uint*)(reference + LengthOffset)) + 7) & ~(nuint)7;
        }

        return size;
    }

    /// <summary>
    /// True when the word where an object's MethodTable pointer belongs says that the object is not finished:
    /// memory has been handed out, but its type has not been stored yet.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHalfMade(nuint methodTableWord) => methodTableWord == 0 || (methodTableWord & 1) != 0;
}
