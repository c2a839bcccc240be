using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;
using Xunit;

namespace CosmosKernel.Memory.Tests;

/// <summary>The pages of an object, beside a dictionary, with every frame counted.</summary>
public sealed class PageStoreTests : MemoryFixture
{
    [Fact]
    public void NumbersFarApartCostLittle()
    {
        Start();
        Page.Initialize();
        nuint free = FrameAllocator.FreeFrames;
        PageStore store = new();
        foreach (ulong index in new ulong[] { 0, 511, 512, 1ul << 20, PageStore.Limit - 1 })
        {
            Assert.True(Page.TryAllocate(out Page page));
            Assert.True(store.TryAdd(index, page));
            Assert.True(store.TryGet(index, out Page found));
            Assert.Equal(page, found);
        }

        Assert.True(Page.TryAllocate(out Page other));
        Assert.False(store.TryAdd(511, other));
        Assert.False(store.TryAdd(PageStore.Limit, other));
        other.Release();
        Assert.Equal(5ul, store.Count);
        Assert.InRange(store.Nodes, 5ul, 16ul);
        store.Clear();
        Assert.Equal(0ul, store.Count);
        Assert.Equal(0ul, store.Nodes);
        Assert.Equal(free, FrameAllocator.FreeFrames);
    }

    [Fact]
    public void AnyOrderOfOperationsGivesWhatADictionaryGives()
    {
        Start();
        Page.Initialize();
        nuint free = FrameAllocator.FreeFrames;
        Random random = new(99);
        PageStore store = new();
        SortedDictionary<ulong, Page> model = [];
        for (int step = 0; step < 20_000; step++)
        {
            ulong index = random.Next(3) == 0 ? (ulong)random.Next(2000) * 512 : (ulong)random.Next(3000);
            switch (random.Next(6))
            {
                case 0:
                    Assert.Equal(model.TryGetValue(index, out Page wanted), store.TryGet(index, out Page found));
                    Assert.Equal(wanted, found);
                    break;
                case 1:
                    Assert.Equal(model.Keys.Where(key => key >= index).Cast<ulong?>().FirstOrDefault(), store.TryFindNext(index, out ulong next, out _) ? next : null);
                    break;
                case 2 when step % 40 == 0:
                    ulong end = index + (ulong)random.Next(1500);
                    List<ulong> gone = [.. model.Keys.Where(key => key >= index && key < end)];
                    Assert.Equal((ulong)gone.Count, store.RemoveRange(index, end));
                    gone.ForEach(key => model.Remove(key));
                    break;
                case 3:
                    bool removed = store.TryRemove(index, out Page page);
                    Assert.Equal(model.Remove(index, out Page expected), removed);
                    if (removed)
                    {
                        Assert.Equal(expected, page);
                        page.Release();
                    }

                    break;
                default:
                    Assert.True(Page.TryAllocate(out Page added));
                    bool entered = store.TryAdd(index, added);
                    Assert.Equal(model.TryAdd(index, added), entered);
                    if (!entered)
                    {
                        added.Release();
                    }

                    break;
            }

            Assert.Equal((ulong)model.Count, store.Count);
        }

        store.Clear();
        Assert.Equal(free, FrameAllocator.FreeFrames);
    }
}
