using System.Collections.Generic;
using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

public sealed unsafe class HandleTests : HeapFixture
{
    private static readonly nint s_type = (nint)FakeTypes.Object(1, 0);

    [Fact]
    public void AStrongHandleKeepsItsObjectUntilItIsFreed()
    {
        nuint reference = New();
        nuint* handle = HandleTable.Allocate(HandleKind.Strong, reference, 0);
        CollectAndVerify();
        Assert.Equal(reference, *handle);
        Assert.Equal((nuint)1, CollectionPolicy.LiveObjects);
        HandleTable.Free(handle);
        CollectAndVerify();
        Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
    }

    [Fact]
    public void AWeakHandleIsClearedWhenItsObjectDiesAndNotBefore()
    {
        nuint reference = New();
        nuint* handle = HandleTable.Allocate(HandleKind.WeakShort, reference, 0);
        HeapPlatform.PreciseRoots.Add(reference);
        CollectAndVerify();
        Assert.Equal(reference, *handle);
        HeapPlatform.PreciseRoots.Clear();
        CollectAndVerify();
        Assert.Equal(0u, *handle);
    }

    [Fact]
    public void ADependentHandleKeepsItsSecondObjectAsLongAsTheFirstIsReachedOtherwise()
    {
        nuint primary = New();
        nuint secondary = New();
        Set(secondary, 0, primary);
        nuint* handle = HandleTable.Allocate(HandleKind.Dependent, primary, secondary);
        HeapPlatform.PreciseRoots.Add(primary);
        CollectAndVerify();
        Assert.Equal((nuint)2, CollectionPolicy.LiveObjects);
        HeapPlatform.PreciseRoots.Clear();
        CollectAndVerify();
        Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
        Assert.Equal(0u, handle[0]);
        Assert.Equal(0u, handle[1]);
    }

    [Fact]
    public void AChainOfDependentHandlesInTheWorstOrderIsFollowedToItsEnd()
    {
        const int Length = 100;
        nuint[] objects = new nuint[Length];
        for (int i = 0; i < Length; i++)
        {
            objects[i] = New();
        }

        for (int i = Length - 2; i >= 0; i--)
        {
            HandleTable.Allocate(HandleKind.Dependent, objects[i], objects[i + 1]);
        }

        HeapPlatform.PreciseRoots.Add(objects[0]);
        CollectAndVerify();
        Assert.Equal((nuint)Length, CollectionPolicy.LiveObjects);
    }

    [Fact]
    public void HandlesToObjectsOfTheImageAreLeftAlone()
    {
        nuint frozen = FakeTypes.Frozen((ObjectType*)s_type);
        nuint* weak = HandleTable.Allocate(HandleKind.WeakShort, frozen, 0);
        nuint* dependent = HandleTable.Allocate(HandleKind.Dependent, frozen, New());
        CollectAndVerify();
        Assert.Equal(frozen, *weak);
        Assert.Equal(frozen, *dependent);
        Assert.Equal((nuint)1, CollectionPolicy.LiveObjects);
    }

    [Fact]
    public void ManyHandlesComeAndGoWithoutALeak()
    {
        nuint taken = HeapFrames.TakenBytes;
        List<nint> handles = [];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 5000; i++)
            {
                handles.Add((nint)HandleTable.Allocate((HandleKind)(i % 4), 0, 0));
            }

            foreach (nint handle in handles)
            {
                HandleTable.Free((nuint*)handle);
            }

            handles.Clear();
        }

        Assert.Equal((nuint)0, HandleTable.Count);
        Assert.InRange(HeapFrames.TakenBytes, taken, taken + (4 * HeapFrames.FrameSize));
    }

    private static nuint New() => ManagedHeap.Allocate((ObjectType*)s_type, 0, 0);
}
