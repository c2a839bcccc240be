using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Hand-made MethodTables with their descriptors, in native memory.</summary>
internal static unsafe class FakeTypes
{
    private static readonly HashSet<nuint> s_types = [];
    private static readonly HashSet<nuint> s_frozen = [];

    /// <summary>An object without references.</summary>
    public static ObjectType* Plain(uint size, uint flags = 0) => Make(flags, size, []);

    /// <summary>An object with <paramref name="references"/> references first and <paramref name="plain"/> plain words after them.</summary>
    public static ObjectType* Object(int references, int plain, uint flags = 0)
    {
        long size = 16 + ((references + plain) * 8);
        size = Math.Max(size, 24);
        return references == 0
            ? Plain((uint)size, flags)
            : Make(flags | ObjectType.HasPointers, (uint)size, [1, 8, (references * 8) - size]);
    }

    /// <summary>References, plain words, references: two series.</summary>
    public static ObjectType* TwoSeries(int first, int gap, int second)
    {
        long size = 16 + ((first + gap + second) * 8);
        return Make(ObjectType.HasPointers, (uint)size, [2, 8, (first * 8) - size, 8 + ((first + gap) * 8), (second * 8) - size]);
    }

    /// <summary>An array of bytes or other plain elements.</summary>
    public static ObjectType* PlainArray(uint element) => Make(ObjectType.HasComponentSize | element, 24, []);

    /// <summary>A string: two bytes an element, base size 22.</summary>
    public static ObjectType* String() => Make(ObjectType.HasComponentSize | 2, 22, []);

    /// <summary>An array of references.</summary>
    public static ObjectType* ReferenceArray() =>
        Make(ObjectType.HasComponentSize | ObjectType.HasPointers | 8, 24, [1, 16, 16 - 40]);

    /// <summary>An array of structs that are <paramref name="pairs"/> of references and plain bytes.</summary>
    public static ObjectType* StructArray(params (uint References, uint Skip)[] pairs)
    {
        uint element = 0;
        long[] words = new long[2 + pairs.Length];
        words[0] = -pairs.Length;
        words[1] = 16;
        for (int i = 0; i < pairs.Length; i++)
        {
            element += (pairs[i].References * 8) + pairs[i].Skip;
            words[2 + i] = pairs[i].References | ((long)pairs[i].Skip << 32);
        }

        return Make(ObjectType.HasComponentSize | ObjectType.HasPointers | element, 24, words);
    }

    public static bool IsType(nuint address) => s_types.Contains(address);

    public static bool IsFrozen(nuint address) => s_frozen.Contains(address);

    /// <summary>An object outside the heap.</summary>
    public static nuint Frozen(ObjectType* type)
    {
        nuint reference = (nuint)NativeMemory.AllocZeroed(type->BaseSize) + 8;
        *(nuint*)reference = (nuint)type;
        s_frozen.Add(reference);
        return reference;
    }

    private static ObjectType* Make(uint flags, uint size, long[] downwards)
    {
        nuint* memory = (nuint*)NativeMemory.AllocZeroed((nuint)downwards.Length + 4, 8);
        ObjectType* type = (ObjectType*)(memory + downwards.Length);
        type->Flags = flags;
        type->BaseSize = size;
        for (int i = 0; i < downwards.Length; i++)
        {
            ((long*)type)[-1 - i] = downwards[i];
        }

        s_types.Add((nuint)type);
        return type;
    }
}
