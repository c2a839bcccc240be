using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Modules;

/// <summary>
/// CoreLib's cache of the results of casts (<c>System.Runtime.TypeCast.s_castCache</c>, <c>System.Runtime.CompilerServices.CastCache</c>): an <c>int[]</c> with pairs of method tables, which would be
/// answers about another type when an address is used again. World stopped, all members.
/// </summary>
[Protocol(CollectorProtocol.WorldStopped)]
internal static unsafe class CastCache
{
    private const uint ComponentSize = 4;
    private const int ArrayData = 16;

    /// <summary>The table; 0 when it is not what it should be, so that what it holds is taken for references.</summary>
    public static nuint Table
    {
        get
        {
            nuint statics = (nuint)(*RuntimeImage.CastStatics);
            if (statics == 0 || (statics & 7) != 0)
            {
                return 0;
            }

            // The only static field with references is the structure whose first field is the table.
            nuint table = *(nuint*)(statics + 8);
            return table != 0 && BlockTable.FindAny(table) != null && (*(ObjectType**)table)->IsVariable && (*(ObjectType**)table)->ComponentSize == ComponentSize ? table : 0;
        }
    }

    /// <summary>Forgets all pairs with a type of a module to which nobody refers any more: so nobody is looking for one either.</summary>
    public static void Forget(nuint start, nuint end)
    {
        nuint table = Table;
        if (table == 0)
        {
            return;
        }

        var words = (nuint*)(table + ArrayData);
        nuint count = *(uint*)(table + ObjectType.LengthOffset) / 2;
        for (nuint i = 0; i < count; i++)
        {
            // Bit 0 of a target is the result.
            if ((words[i] & ~(nuint)1) >= start && words[i] < end)
            {
                words[i] = 0;
            }
        }
    }
}
