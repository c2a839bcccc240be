using CosmosKernel.Machine;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Brings the managed heap up.</summary>
public static class HeapStart
{
    /// <summary>
    /// Makes the heap's tables and takes the NMI that stops the world. Boot CPU, once, after Memory and before <see cref="Startup.RuntimeStartup"/>. Panics when there is no memory.
    /// </summary>
    [BeforePublication]
    public static void Initialize()
    {
        if (!ManagedHeap.Initialize())
        {
            Panic.Now("There is no memory for the managed heap"u8);
        }

        WorldStop.Initialize();
    }
}
