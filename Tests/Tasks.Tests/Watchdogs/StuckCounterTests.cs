using CosmosKernel.Tasks.Watchdogs;
using Xunit;

namespace CosmosKernel.Tests.Tasks.Watchdogs;

/// <summary>When the watchdogs take a CPU for stuck.</summary>
public sealed class StuckCounterTests
{
    private const ulong Second = 1_000_000_000;

    [Fact]
    public void WhatDoesNotGoOnIsReportedOnceAndAgainAfterItWentOn()
    {
        var counter = new StuckCounter(0);
        ulong now = 0;
        for (int round = 0; round < 2; round++)
        {
            Assert.False(counter.Look(true, now += 4 * Second, 3, 10 * Second, out _));
            Assert.False(counter.Look(false, now += 4 * Second, 3, 10 * Second, out _));
            Assert.False(counter.Look(false, now += 4 * Second, 3, 10 * Second, out _));
            Assert.True(counter.Look(false, now += 4 * Second, 3, 10 * Second, out ulong stuck));
            Assert.Equal(12 * Second, stuck);
            for (int i = 0; i < 10; i++)
            {
                Assert.False(counter.Look(false, now += 4 * Second, 3, 10 * Second, out _));
            }
        }
    }

    [Fact]
    public void AMachineThatWasStoppedAsAWholeIsNotStuck()
    {
        // Two looks without a change at most, however long the host has stopped the machine between them.
        var counter = new StuckCounter(0);
        ulong now = 0;
        for (int i = 0; i < 100; i++)
        {
            Assert.False(counter.Look(true, now += 4 * Second, 3, 10 * Second, out _));
            Assert.False(counter.Look(false, now += 60 * Second, 3, 10 * Second, out ulong stuck));
            Assert.Equal(60 * Second, stuck);
            Assert.False(counter.Look(false, now += 60 * Second, 3, 10 * Second, out _));
        }
    }

    [Fact]
    public void ManyLooksInAShortTimeAreNotEnough()
    {
        var counter = new StuckCounter(0);
        for (ulong now = 0; now < 10 * Second; now += Second / 10)
        {
            Assert.False(counter.Look(false, now, 3, 10 * Second, out _));
        }

        Assert.True(counter.Look(false, 10 * Second, 3, 10 * Second, out _));
    }
}
