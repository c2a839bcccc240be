using System.Runtime.CompilerServices;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Receives the runs of reference slots that <see cref="GcDescriptor"/> finds. Implemented by structs only, so that calls are direct.</summary>
internal unsafe interface ISlotVisitor
{
    /// <summary>Called for each run of consecutive reference slots, from <paramref name="first"/> up to but not including <paramref name="end"/>.</summary>
    static abstract void Visit(nuint* first, nuint* end);
}

/// <summary>
/// Reads the description of an instance's references that ILC writes downwards from a MethodTable: a signed count of series, then the series.
/// <para>
/// Positive count: each series is {size, offset}, 16 bytes, the first one nearest to the table. The offset is from the object reference, the size
/// is stored minus the size of the whole instance, so that one series serves arrays of every length.
/// </para>
/// <para>
/// Negative count -n (arrays of structs): an offset, then n pairs {references, bytes to skip} of 32 bits each that repeat until the array's end.
/// </para>
/// </summary>
internal static unsafe class GcDescriptor
{
    /// <summary>The signed number of series before <paramref name="type"/>, which must contain references.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint SeriesCount(ObjectType* type) => ((nint*)type)[-1];

    /// <summary>Visits the reference slots of the object at <paramref name="reference"/> of <paramref name="size"/> bytes; the count must be positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WalkSeries<TVisitor>(nuint reference, ObjectType* type, nuint size)
        where TVisitor : struct, ISlotVisitor
    {
        nint count = SeriesCount(type);
        nuint* series = (nuint*)type - 3;
        do
        {
            nuint first = reference + series[1];
            TVisitor.Visit((nuint*)first, (nuint*)(first + series[0] + size));
            series -= 2;
        }
        while (--count > 0);
    }

    /// <summary>The address of the first repeated item of an array of structs, whose series count is negative.</summary>
    public static nuint FirstItem(nuint reference, ObjectType* type) => reference + ((nuint*)type)[-2];

    /// <summary>The bytes of one repeated item of an array of structs.</summary>
    public static nuint ItemStride(ObjectType* type)
    {
        nuint stride = 0;
        uint* pair = (uint*)type - 6;
        for (nint i = SeriesCount(type); i < 0; i++)
        {
            stride += ((nuint)pair[0] * (nuint)sizeof(nuint)) + pair[1];
            pair -= 2;
        }

        return stride;
    }

    /// <summary>Visits the items from <paramref name="item"/> up to <paramref name="end"/> of an array of structs.</summary>
    public static void WalkItems<TVisitor>(ObjectType* type, nuint item, nuint end)
        where TVisitor : struct, ISlotVisitor
    {
        nint count = SeriesCount(type);
        while (item < end)
        {
            uint* pair = (uint*)type - 6;
            for (nint i = count; i < 0; i++)
            {
                nuint stop = item + ((nuint)pair[0] * (nuint)sizeof(nuint));
                TVisitor.Visit((nuint*)item, (nuint*)stop);
                item = stop + pair[1];
                pair -= 2;
            }
        }
    }

    /// <summary>Visits every reference slot of the object at <paramref name="reference"/>, of either kind.</summary>
    public static void Walk<TVisitor>(nuint reference, ObjectType* type)
        where TVisitor : struct, ISlotVisitor
    {
        nuint size = type->SizeOf(reference);
        nint count = SeriesCount(type);
        if (count > 0)
        {
            WalkSeries<TVisitor>(reference, type, size);
        }
        else if (count < 0)
        {
            // The last word of the instance's size is the next object's header, and holds no item.
            WalkItems<TVisitor>(type, FirstItem(reference, type), reference + size - 8);
        }
    }

    /// <summary>Bytes of the descriptor before <paramref name="type"/>, 0 for a type without references. A copy of the table must copy these too.</summary>
    public static int SizeInBytes(ObjectType* type)
    {
        if (!type->ContainsReferences)
        {
            return 0;
        }

        nint count = SeriesCount(type);
        return count >= 0
            ? (int)(8 + (count * 16))
            : (int)(16 + (-count * 8));
    }
}
