using System.Collections.Generic;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.Processes.Tests;

/// <summary>How modules are asked for memory before a process dies: a balloon that gives back 256 pages at a time.</summary>
public sealed class ModuleReclaimTests
{
    private const long Most = 1_000_000;
    private const long Piece = 256;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(100_000, 391)]
    public void ModulesAreAskedUntilThereIsEnough(long missing, int questions)
    {
        int asked = 0;
        long freed = 0;
        Assert.True(ModuleReclaim.TryReclaim(Give, () => freed >= missing, Most));
        Assert.Equal(questions, asked);

        void Give(MemoryShortage shortage)
        {
            asked++;
            freed += Piece;
            shortage.AddFreed(Piece);
        }
    }

    [Fact]
    public void NobodyIsKilledForMemoryThatCameBackAndWasNotEnough()
    {
        var pieces = new Queue<long>([Piece, Piece, 100]);
        Assert.True(ModuleReclaim.TryReclaim(shortage => shortage.AddFreed(pieces.TryDequeue(out long pages) ? pages : 0), () => false, Most));
        Assert.Empty(pieces);
    }

    [Fact]
    public void WithNothingToGiveSomebodyHasToBeKilled()
    {
        int asked = 0;
        Assert.False(ModuleReclaim.TryReclaim(_ => asked++, () => false, Most));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void WhoClaimsToFreeMoreThanThereIsDoesNotKeepTheKernelAsking()
    {
        int asked = 0;
        Assert.True(ModuleReclaim.TryReclaim(Claim, () => false, 1000));
        Assert.Equal(4, asked);

        void Claim(MemoryShortage shortage)
        {
            asked++;
            shortage.AddFreed(Piece);
        }
    }
}
