using System.Collections.Generic;
using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

public sealed unsafe class MarkTests : HeapFixture
{
    [Fact]
    public void AnInteriorPointerKeepsItsObjectAndThePointerPastTheEndToo()
    {
        foreach (uint length in new uint[] { 0, 1, 100, 496, 5000, 16360, 16361, 20_456, 900_000, 4_000_000 })
        {
            ObjectType* bytes = FakeTypes.PlainArray(1);
            nuint reference = ManagedHeap.Allocate(bytes, length, 0);
            nuint dataEnd = reference + 16 + length;
            foreach (nuint word in new[] { reference, reference + 1, reference + 8, reference + 16 + (length / 2), dataEnd })
            {
                HeapPlatform.ConservativeRoots.Clear();
                HeapPlatform.ConservativeRoots.Add(word);
                CollectAndVerify();
                Assert.Equal((nuint)1, CollectionPolicy.LiveObjects);
                Assert.Equal((nuint)bytes, *(nuint*)reference);
            }

            HeapPlatform.ConservativeRoots.Clear();
            CollectAndVerify();
            Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
        }
    }

    [Fact]
    public void WordsThatAreNoPointersKeepNothing()
    {
        nuint reference = ManagedHeap.Allocate(FakeTypes.Plain(64), 0, 0);
        HeapPlatform.ConservativeRoots.AddRange([0, 1, 7, 8, nuint.MaxValue, reference - 8, reference + (64 * 200), HeapFrames.DirectBase, HeapFrames.AreaBase, HeapFrames.AreaBase + 12345]);
        CollectAndVerify();
        Assert.Equal((nuint)0, CollectionPolicy.LiveObjects);
    }

    [Fact]
    public void AHalfMadeObjectIsKeptAndNotLookedInto()
    {
        ObjectType* type = FakeTypes.Object(2, 0);
        HeapPlatform.AllocateLikeFastPath(type, 0);

        // What the fast path has done when it is stopped right before it stores the type: the cell is off the list, its link still in place.
        nuint* list = HeapPlatform.AllocationList(4);
        nuint tagged = *list;
        nuint reference = tagged - 1;
        *list = *(nuint*)reference;
        HeapPlatform.ConservativeRoots.Add(tagged);
        CollectAndVerify();
        Assert.Equal((nuint)1, CollectionPolicy.LiveObjects);

        *(nuint*)reference = (nuint)type;
        Assert.Equal(0u, Get(reference, 0));
        for (int i = 0; i < 2000; i++)
        {
            Assert.NotEqual(reference, HeapPlatform.AllocateLikeFastPath(type, 0));
        }
    }

    [Fact]
    public void AVeryLongListIsMarkedWithASmallStack()
    {
        ObjectType* node = FakeTypes.Object(1, 1);
        nuint head = 0;
        HeapPlatform.PreciseRoots.Add(0);
        for (int i = 0; i < 300_000; i++)
        {
            nuint next = ManagedHeap.Allocate(node, 0, 0);
            Set(next, 0, head);
            head = next;
            HeapPlatform.PreciseRoots[0] = head;
        }

        CollectAndVerify();
        Assert.Equal((nuint)300_000, CollectionPolicy.LiveObjects);
    }

    [Fact]
    public void WhenTheMarkStackIsFullEverythingIsStillFound()
    {
        // One page of stack, 512 words, against a graph that needs more than 200 words on each of its levels.
        MarkStack.Initialize(HeapFrames.FrameSize);
        nuint overflows = Marker.Overflows;
        HeapPlatform.CanCollect = false;
        nuint objects = 0;
        HeapPlatform.PreciseRoots.Add(Tree(FakeTypes.ReferenceArray(), FakeTypes.StructArray((1, 0)), 4, ref objects));
        HeapPlatform.CanCollect = true;
        HeapFrames.Limit = 0;
        CollectAndVerify();
        Assert.Equal(objects, CollectionPolicy.LiveObjects);
        Assert.True(Marker.Overflows > overflows, "the stack was large enough after all");
        Assert.Equal((nuint)HeapFrames.FrameSize, MarkStack.Bytes);

        // With memory to be had, the next collection has a stack that is large enough.
        HeapFrames.Limit = HeapFrames.DirectBytes;
        CollectAndVerify();
        Assert.Equal(objects, CollectionPolicy.LiveObjects);
        Assert.True(MarkStack.Bytes > HeapFrames.FrameSize);
    }

    [Fact]
    public void TheVerifierSeesADanglingReference()
    {
        ObjectType* type = FakeTypes.Object(1, 0);
        nuint root = ManagedHeap.Allocate(type, 0, 0);
        HeapPlatform.PreciseRoots.Add(root);
        nuint dead = ManagedHeap.Allocate(FakeTypes.Plain(200), 0, 0);
        CollectAndVerify();
        Set(root, 0, dead + 8);
        Assert.NotEqual(0ul, ManagedHeap.Verify());
        Assert.Equal(root, HeapVerifier.FirstObject);
        Assert.Equal(root + 8, HeapVerifier.FirstSlot);
    }

    [Fact]
    public void DescriptorSizesAreThoseOfTheirSeries()
    {
        Assert.Equal(0, GcDescriptor.SizeInBytes(FakeTypes.Plain(24)));
        Assert.Equal(24, GcDescriptor.SizeInBytes(FakeTypes.Object(1, 1)));
        Assert.Equal(40, GcDescriptor.SizeInBytes(FakeTypes.TwoSeries(1, 1, 1)));
        Assert.Equal(24, GcDescriptor.SizeInBytes(FakeTypes.StructArray((1, 8))));
        Assert.Equal(32, GcDescriptor.SizeInBytes(FakeTypes.StructArray((1, 8), (2, 0))));
    }

    /// <summary>An array of 200, of which the last 8 have subtrees and the others are arrays of one.</summary>
    private static nuint Tree(ObjectType* type, ObjectType* otherType, int depth, ref nuint objects)
    {
        nuint reference = ManagedHeap.Allocate(type, depth == 0 ? 1u : 200, 0);
        objects++;
        for (int i = 0; i < 200 && depth != 0; i++)
        {
            Set(reference, i, Tree(otherType, type, i < 192 ? 0 : depth - 1, ref objects), 16);
        }

        return reference;
    }
}
