using System;
using System.Collections.Generic;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class CpuSetTests
{
    [Fact]
    public void HoldsEveryNumberUpTo255()
    {
        for (int cpu = 0; cpu < CpuSet.Capacity; cpu++)
        {
            CpuSet set = CpuSet.Of(cpu);
            Assert.True(set.Contains(cpu));
            Assert.Equal(1, set.Count);
            Assert.Equal(cpu, set.First);
            Assert.Equal(-1, set.Next(cpu));
            Assert.False((~set).Contains(cpu));
            Assert.Equal(255, (~set).Count);
        }

        Assert.False(CpuSet.All.Contains(256));
        Assert.False(CpuSet.All.Contains(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuSet.Of(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuSet.Of(-1));
    }

    [Fact]
    public void WalksMembersInOrderAcrossWords()
    {
        CpuSet set = CpuSet.Of(3) | CpuSet.Of(63) | CpuSet.Of(64) | CpuSet.Of(191) | CpuSet.Of(255);
        List<int> seen = [];
        for (int cpu = set.First; cpu >= 0; cpu = set.Next(cpu))
        {
            seen.Add(cpu);
        }

        Assert.Equal([3, 63, 64, 191, 255], seen);
        Assert.Equal(-1, CpuSet.Empty.First);
    }

    [Theory]
    [InlineData("0-3,8")]
    [InlineData("255")]
    [InlineData("0-255")]
    [InlineData("")]
    [InlineData("1,3,5-6")]
    public void ReadsWhatItWrites(string text)
    {
        Assert.True(CpuSet.TryParse(text, out CpuSet set));
        Assert.Equal(text, set.ToString());
    }

    [Theory]
    [InlineData("256")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    [InlineData(",")]
    [InlineData("-1")]
    public void RefusesWhatIsNoList(string text)
    {
        Assert.False(CpuSet.TryParse(text, out CpuSet set));
        Assert.True(set.IsEmpty);
    }
}
