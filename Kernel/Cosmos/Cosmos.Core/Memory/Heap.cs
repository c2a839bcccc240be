using System;

namespace Cosmos.Core.Memory;

/// <summary>The managed heap. The collector runs when memory is needed, so nobody has to call it. Task context.</summary>
public static class Heap
{
    /// <summary>Collects what nobody refers to.</summary>
    /// <returns>Bytes that became free. (Cosmos counts objects.)</returns>
    public static int Collect()
    {
        long before = GC.GetTotalMemory(forceFullCollection: false);
        GC.Collect();
        return (int)Math.Clamp(before - GC.GetTotalMemory(forceFullCollection: false), 0, int.MaxValue);
    }
}
