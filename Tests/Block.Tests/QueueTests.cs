using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Modules.Block;
using Xunit;

namespace CosmosKernel.Block.Tests;

/// <summary>Merging, and the order in which schedulers give requests out.</summary>
public sealed class QueueTests
{
    [Fact]
    public void NeighboursBecomeOneRequestFromBothSides()
    {
        var list = new BioList();
        list.Add(Make(100, 8));
        Assert.True(list.TryMerge(Make(108, 8), 126, 2560));
        Assert.True(list.TryMerge(Make(92, 8), 126, 2560));
        Assert.False(list.TryMerge(Make(200, 8), 126, 2560));
        Bio head = list.TakeFirst()!;
        Assert.Equal((92ul, 24u), (head.Sector, head.RequestSectors));
        Assert.Equal([92ul, 100, 108], Chain(head));
        Assert.Null(list.TakeFirst());
    }

    [Fact]
    public void AFrontMergeAtTheEndKeepsTheListWhole()
    {
        var list = new BioList();
        list.Add(Make(500, 8));
        list.Add(Make(100, 8));
        Assert.True(list.TryMerge(Make(92, 8), 126, 2560));
        list.Add(Make(900, 8));
        Assert.Equal(new ulong[] { 500, 92, 900 }, new ulong[] { list.TakeFirst()!.Sector, list.TakeFirst()!.Sector, list.TakeFirst()!.Sector });
        Assert.Equal(0, list.Count);
    }

    [Theory]
    [InlineData(BlockOperation.Read, BlockOperation.Write, 126, 2560)]
    [InlineData(BlockOperation.Discard, BlockOperation.Discard, 126, 2560)]
    [InlineData(BlockOperation.Write, BlockOperation.Write, 126, 15)]
    public void WhatDoesNotFitIsNotMerged(BlockOperation first, BlockOperation second, int segments, int sectors)
    {
        var list = new BioList();
        list.Add(Make(100, 8, first));
        Assert.False(list.TryMerge(Make(108, 8, second), segments, sectors));
    }

    [Fact]
    public void ForcedWritesStayAlone()
    {
        var list = new BioList();
        list.Add(Make(100, 8, BlockOperation.Write));
        TestBio forced = Make(108, 8, BlockOperation.Write);
        forced.ForceUnitAccess = true;
        Assert.False(list.TryMerge(forced, 126, 2560));
    }

    [Fact]
    public void DeadlineAscendsAndMergesWhatFollows()
    {
        var scheduler = new DeadlineScheduler(126, 2560);
        foreach (ulong sector in (ulong[])[300, 100, 108, 200, 116])
        {
            scheduler.Insert(Make(sector, 8), 0);
        }

        // The first batch begins with who came first.
        Assert.Equal(300ul, scheduler.Next(0, out _)!.Sector);
        Bio? second = scheduler.Next(0, out int merged);
        Assert.Equal((100ul, 24u, 2), (second!.Sector, second.RequestSectors, merged));
        Assert.Equal(200ul, scheduler.Next(0, out _)!.Sector);
        Assert.Null(scheduler.Next(0, out _));
    }

    [Fact]
    public void DeadlineDoesNotStarveWrites()
    {
        var scheduler = new DeadlineScheduler(126, 8);
        scheduler.Insert(Make(5000, 8, BlockOperation.Write), 0);
        for (uint i = 0; i < 100; i++)
        {
            scheduler.Insert(Make(i * 16, 8), 0);
        }

        int position = 0;
        while (scheduler.Next(0, out _) is { } bio && bio.Operation != BlockOperation.Write)
        {
            position++;
        }

        Assert.Equal(32, position);
    }

    [Fact]
    public void DeadlineServesTheLateFirst()
    {
        var scheduler = new DeadlineScheduler(126, 8);
        scheduler.Insert(Make(9000, 8), 0);
        for (uint i = 0; i < 16; i++)
        {
            scheduler.Insert(Make(i * 16, 8, submitted: 400_000_000), 400_000_000);
        }

        // The batch goes on by sector; the late one begins the next.
        Assert.Equal(9000ul, scheduler.Next(600_000_000, out _)!.Sector);
        Assert.Equal(0ul, scheduler.Next(600_000_000, out _)!.Sector);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EachTransferComesOutOnceWhateverTheOrder(int seed)
    {
        var random = new Random(seed);
        var scheduler = new DeadlineScheduler(16, 64);
        var expected = new HashSet<ulong>();
        var found = new HashSet<ulong>();
        ulong now = 0;
        for (int step = 0; step < 20_000; step++)
        {
            now += (ulong)random.Next(10_000_000);
            ulong sector = (ulong)random.Next(100_000) * 8;
            if (random.Next(2) == 0 && expected.Add(sector))
            {
                scheduler.Insert(Make(sector, 8, (BlockOperation)random.Next(2), now), now);
            }
            else if (scheduler.Next(now, out int merged) is { } bio)
            {
                List<ulong> chain = Chain(bio);
                Assert.Equal(merged + 1, chain.Count);
                Assert.True(chain.Count <= 8);
                foreach (ulong at in chain)
                {
                    Assert.True(found.Add(at));
                    Assert.Equal(bio.Sector + ((ulong)chain.IndexOf(at) * 8), at);
                }
            }
        }

        while (scheduler.Next(now, out _) is { } bio)
        {
            found.UnionWith(Chain(bio));
        }

        Assert.Equal(expected, found);
    }

    private static TestBio Make(ulong sector, uint sectors, BlockOperation operation = BlockOperation.Read, ulong submitted = 0)
    {
        var bio = new TestBio();
        bio.Reset(operation, sector, sectors);
        bio.Begin(submitted);
        return bio;
    }

    private static List<ulong> Chain(Bio head)
    {
        var sectors = new List<ulong>();
        for (Bio? bio = head; bio is not null; bio = bio.NextInRequest)
        {
            sectors.Add(bio.Sector);
        }

        return sectors;
    }

    private sealed class TestBio() : Bio(1)
    {
        protected internal override void OnCompleted(Errno error)
        {
        }
    }
}
