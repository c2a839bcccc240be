using CosmosKernel.Runtime.Heap;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CosmosKernel.Heap.Tests;

/// <summary>Each test starts with an empty heap in the same native memory.</summary>
public abstract class HeapFixture
{
    protected HeapFixture()
    {
        HeapFrames.Reset();
        HeapPlatform.Reset();
        HeapOptions.PoisonFreedCells = true;
        HeapOptions.VerifyCollections = true;
        Assert.True(ManagedHeap.Initialize());
    }

    /// <summary>Collects and checks every reference that is reached.</summary>
    protected static void CollectAndVerify()
    {
        ManagedHeap.Collect();
        Assert.Equal(0ul, HeapVerifier.Errors);
    }

    /// <summary>Stores a reference into slot <paramref name="index"/> of an object whose references begin at <paramref name="offset"/>.</summary>
    internal static unsafe void Set(nuint reference, int index, nuint value, int offset = 8) => *(nuint*)(reference + (nuint)offset + ((nuint)index * 8)) = value;

    /// <summary>Reads what <see cref="Set"/> stores.</summary>
    internal static unsafe nuint Get(nuint reference, int index, int offset = 8) => *(nuint*)(reference + (nuint)offset + ((nuint)index * 8));
}
