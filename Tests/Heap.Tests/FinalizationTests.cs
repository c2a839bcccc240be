using System.Collections.Generic;
using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

public sealed unsafe class FinalizationTests : HeapFixture
{
    private static readonly nint s_type = (nint)FakeTypes.Object(1, 0, ObjectType.HasFinalizer);

    [Fact]
    public void AReachableObjectIsNotFinalized()
    {
        nuint reference = New();
        HeapPlatform.PreciseRoots.Add(reference);
        CollectAndVerify();
        Assert.Equal(0u, FinalizationTable.TakeReady());
        Assert.Equal(0, HeapPlatform.SignaledFinalizers);
    }

    [Fact]
    public void ADeadObjectIsFinalizedOnceAndLivesUntilThen()
    {
        nuint child = ManagedHeap.Allocate(FakeTypes.Plain(40), 0, 0);
        nuint reference = New();
        Set(reference, 0, child);
        CollectAndVerify();
        Assert.Equal(1, HeapPlatform.SignaledFinalizers);
        CollectAndVerify();
        Assert.Equal((nuint)2, CollectionPolicy.LiveObjects);
        Assert.Equal(reference, FinalizationTable.TakeReady());
        Assert.Equal(0u, FinalizationTable.TakeReady());
        CollectAndVerify();
        Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
        Assert.Equal(0u, FinalizationTable.TakeReady());
    }

    [Fact]
    public void DeadObjectsThatReferToEachOtherAreAllFinalizedAtOnce()
    {
        nuint first = New();
        nuint second = New();
        Set(first, 0, second);
        CollectAndVerify();
        var ready = new HashSet<nuint> { FinalizationTable.TakeReady(), FinalizationTable.TakeReady() };
        Assert.Equal([first, second], ready);
    }

    [Fact]
    public void ASuppressedObjectDiesWithoutItsFinalizer()
    {
        nuint reference = New();
        *(uint*)(reference - 4) |= FinalizationTable.SuppressedBit;
        CollectAndVerify();
        Assert.Equal(0u, FinalizationTable.TakeReady());
        Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
        Assert.Equal((nuint)0, FinalizationTable.Registered);
    }

    [Fact]
    public void CriticalFinalizersComeLast()
    {
        nuint critical = New(critical: true);
        nuint ordinary = New();
        CollectAndVerify();
        Assert.Equal(ordinary, FinalizationTable.TakeReady());
        Assert.Equal(critical, FinalizationTable.TakeReady());
    }

    [Fact]
    public void AShortWeakHandleIsClearedBeforeTheFinalizerAndALongOneAfterIt()
    {
        nuint reference = New();
        nuint* shortHandle = HandleTable.Allocate(HandleKind.WeakShort, reference, 0);
        nuint* longHandle = HandleTable.Allocate(HandleKind.WeakLong, reference, 0);
        CollectAndVerify();
        Assert.Equal(0u, *shortHandle);
        Assert.Equal(reference, *longHandle);
        Assert.Equal(reference, FinalizationTable.TakeReady());
        CollectAndVerify();
        Assert.Equal(0u, *longHandle);
    }

    [Fact]
    public void ADependentHandleSurvivesWithItsResurrectedObject()
    {
        nuint reference = New();
        nuint secondary = ManagedHeap.Allocate(FakeTypes.Plain(32), 0, 0);
        nuint* handle = HandleTable.Allocate(HandleKind.Dependent, reference, secondary);
        CollectAndVerify();
        Assert.Equal(secondary, handle[1]);
        Assert.Equal((nuint)2, CollectionPolicy.LiveObjects);
        FinalizationTable.TakeReady();
        CollectAndVerify();
        Assert.Equal(0u, handle[0]);
    }

    [Fact]
    public void ManyRegistrationsComeAndGoWithoutALeak()
    {
        nuint taken = HeapFrames.TakenBytes;
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 5000; i++)
            {
                nuint reference = New(critical: i % 3 == 0);
                if (i % 2 == 0)
                {
                    *(uint*)(reference - 4) |= FinalizationTable.SuppressedBit;
                }
            }

            CollectAndVerify();
            int finalized = 0;
            while (FinalizationTable.TakeReady() != 0)
            {
                finalized++;
            }

            Assert.Equal(2500, finalized);
            CollectAndVerify();
        }

        Assert.Equal((nuint)0, FinalizationTable.Registered);
        Assert.Equal((nuint)0, FinalizationTable.Ready);
        Assert.InRange(HeapFrames.TakenBytes, taken, taken + (32 * HeapFrames.FrameSize));
    }

    private static nuint New(bool critical = false)
    {
        HeapPlatform.CanCollect = false;
        nuint reference = ManagedHeap.Allocate((ObjectType*)s_type, 0, 0);
        HeapPlatform.CanCollect = true;
        Assert.True(FinalizationTable.Register(reference, critical));
        return reference;
    }
}
