using CosmosKernel.Abi;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>mmap, munmap, mprotect, brk.</summary>
public sealed class MapTests : SpaceFixture
{
    [Fact]
    public void NeighboursThatAreAlikeAreOneArea()
    {
        ulong first = Map(2);
        ulong second = Map(3);
        Assert.Equal(first - (3 * P), second);
        Assert.Equal("0-5:3", Areas(Space, second));
    }

    [Fact]
    public void AHoleInTheMiddleMakesTwoAreasAndGivesThePagesBack()
    {
        ulong at = Map(5);
        for (ulong i = 0; i < 5; i++)
        {
            Write(Space, at + (i * P), (byte)(i + 1));
        }

        Assert.Equal(Errno.Ok, Space.Unmap(at + P, 2 * P));
        Assert.Equal("0-1:3 3-5:3", Areas(Space, at));
        Assert.Equal(3, HostFrame.Taken);
        Assert.Equal(4, Read(Space, at + (3 * P)));
        Assert.Equal(FaultError.NotMapped, Fault(at + P, UserAccessKind.Read));
        Assert.Equal(3ul, CommittedMemory.Pages);
        Assert.Equal(3ul, Space.Use.Total);
    }

    [Fact]
    public void ReadingTakesNoMemoryWritingTakesAPage()
    {
        ulong at = Map(4);
        Assert.Equal(0, Read(Space, at));
        Assert.Equal(0, HostFrame.Taken);
        Write(Space, at, 7);
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(7, Read(Space, at));
        Assert.Equal(1ul, Space.Use.ResidentAnonymous);
    }

    [Fact]
    public void FixedReplacesWhatIsThere()
    {
        ulong at = Map(4);
        Write(Space, at + P, 9);
        Map(1, MemoryProtection.Read, at + P);
        Assert.Equal("0-1:3 1-2:1 2-4:3", Areas(Space, at));
        Assert.Equal(0, Read(Space, at + P));
        Assert.Equal(-(long)Errno.EEXIST, Space.Map(at, P, Rw, Anonymous | MapFlags.FixedNoReplace, default));
    }

    [Theory]
    [InlineData(0x1234UL, 1UL, Errno.EINVAL)]
    [InlineData(0UL, 1UL, Errno.EPERM)]
    [InlineData(0x8000UL, 1UL, Errno.EPERM)]
    [InlineData(0x7FFF_FFFF_F000UL, 1UL, Errno.ENOMEM)]
    [InlineData(0x10000UL, 0UL, Errno.EINVAL)]
    [InlineData(0x10000UL, ulong.MaxValue, Errno.ENOMEM)]
    public void BadPlacesAndSizesAreRefused(ulong at, ulong bytes, Errno error) =>
        Assert.Equal(-(long)error, Space.Map(at, bytes, Rw, Anonymous | MapFlags.Fixed, default));

    [Fact]
    public void AHintIsTakenWhenItIsFreeAndPassedOverWhenItIsNot()
    {
        const ulong Hint = 0x1000_0000;
        Assert.Equal((long)Hint, Space.Map(Hint + 5, P, Rw, Anonymous, default));
        Assert.NotEqual((long)Hint, Space.Map(Hint, P, Rw, Anonymous, default));
    }

    [Fact]
    public void LowAddressesOnRequest()
    {
        long at = Space.Map(0, P, Rw, Anonymous | MapFlags.Bits32, default);
        Assert.InRange(at, 0x4000_0000, 0x7FFF_F000);
    }

    [Fact]
    public void ProtectSplitsAndJoinsAndKeepsContents()
    {
        ulong at = Map(4);
        Write(Space, at + P, 5);
        Assert.Equal(Errno.Ok, Space.Protect(at + P, P, MemoryProtection.Read));
        Assert.Equal("0-1:3 1-2:1 2-4:3", Areas(Space, at));
        Assert.Equal(FaultError.NoAccess, Fault(at + P, UserAccessKind.Write));
        Assert.Equal(Errno.Ok, Space.Protect(at + P, P, Rw));
        Assert.Equal("0-4:3", Areas(Space, at));
        Write(Space, at + P, 6);
        Assert.Equal(6, Read(Space, at + P));
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(Errno.ENOMEM, Space.Protect(at, 8 * P, MemoryProtection.Read));
        Assert.Equal(Errno.EINVAL, Space.Protect(at + 1, P, MemoryProtection.Read));
        Assert.Equal(Errno.EINVAL, Space.Protect(at, P, (MemoryProtection)0x40));
    }

    [Fact]
    public void WithoutRightsNothingIsReadAndTheContentsComeBack()
    {
        ulong at = Map(1);
        Write(Space, at, 5);
        Assert.Equal(Errno.Ok, Space.Protect(at, P, MemoryProtection.None));
        Assert.Equal(FaultError.NoAccess, Fault(at, UserAccessKind.Read));
        Assert.Equal(Errno.Ok, Space.Protect(at, P, MemoryProtection.Read));
        Assert.Equal(5, Read(Space, at));
    }

    [Fact]
    public void ExecutionNeedsItsRight()
    {
        ulong at = Map(1);
        Assert.Equal(FaultError.NoAccess, Fault(at, UserAccessKind.Execute));
        Assert.Equal(Errno.Ok, Space.Protect(at, P, MemoryProtection.Execute));
        Assert.Equal(FaultError.None, Fault(at, UserAccessKind.Execute));
        Assert.Equal(FaultError.None, Fault(at, UserAccessKind.Read));
    }

    [Fact]
    public void TheHeapGrowsShrinksAndStopsAtWhatFollows()
    {
        const ulong Heap = 0x2000_0800;
        Space.SetHeap(Heap, 0);
        Assert.Equal(Heap, Space.Break(0));
        Assert.Equal(Heap + (3 * P), Space.Break(Heap + (3 * P)));
        Write(Space, Heap + (2 * P), 3);
        Assert.Equal("0-3:3", Areas(Space, 0x2000_1000));
        Map(1, at: 0x2000_6000);
        Assert.Equal(Heap + (3 * P), Space.Break(0x2000_6000));
        Assert.Equal(0x2000_5000ul, Space.Break(0x2000_5000));
        Assert.Equal(Heap, Space.Break(Heap));
        Assert.Equal(0, HostFrame.Taken);
    }

    [Fact]
    public void AStackGrowsToItsLimitAndKeepsItsDistance()
    {
        const ulong Top = 0x5000_0000;
        Limit(limits => limits with { Stack = 1024 * P });
        Map(2, at: Top - (2 * P), more: MapFlags.GrowsDown);
        Write(Space, Top - (700 * P), 1);
        Assert.Equal(FaultError.NotMapped, Fault(Top - (1025 * P), UserAccessKind.Write));
        Map(1, at: Top - (960 * P));
        Assert.Equal(FaultError.NotMapped, Fault(Top - (704 * P), UserAccessKind.Write));
        Write(Space, Top - (703 * P), 1);
        Assert.Equal(703ul, Space.Use.Stack);
    }

    [Fact]
    public void NothingIsPlacedInTheGapBelowAStack()
    {
        const ulong Top = 0x5000_0000;
        Map(2, at: Top, more: MapFlags.GrowsDown);
        long near = Space.Map(Top - (10 * P), P, Rw, Anonymous, default);
        Assert.False((ulong)near > Top - (256 * P) && (ulong)near < Top, $"placed at {near:X}");
        Assert.Equal((long)(Top - (257 * P)), Space.Map(Top - (257 * P), P, Rw, Anonymous, default));
    }

    [Fact]
    public void LimitsHold()
    {
        Map(4);
        Limit(limits => limits with { AddressSpace = 6 * P });
        Assert.Equal(-(long)Errno.ENOMEM, Space.Map(0, 3 * P, Rw, Anonymous, default));
        Map(2);
        Limit(limits => limits with { AddressSpace = MemoryLimits.Unlimited, Data = 7 * P });
        Assert.Equal(-(long)Errno.ENOMEM, Space.Map(0, 2 * P, Rw, Anonymous, default));
        ulong code = Map(2, MemoryProtection.Read);
        Assert.Equal(Errno.ENOMEM, Space.Protect(code, 2 * P, Rw));
    }

    [Fact]
    public void StrictOvercommitRefusesWhatCannotBeKept()
    {
        CommittedMemory.Policy = OvercommitPolicy.Never;
        ulong most = CommittedMemory.LimitPages;
        Assert.Equal(-(long)Errno.ENOMEM, Space.Map(0, most * P, Rw, Anonymous, default));
        ulong at = Map(most / 2);
        Assert.Equal(Errno.ENOMEM, Space.TryFork(out _));
        Assert.Equal(-(long)Errno.ENOMEM, Space.Map(0, most * 3 / 4 * P, Rw, Anonymous | MapFlags.NoReserve, default));
        Map(most, MemoryProtection.Read);
        Assert.Equal(Errno.Ok, Space.Unmap(at, most / 2 * P));
        Map(most * 3 / 4);
    }

    [Fact]
    public void ExhaustedMemoryIsAnErrorThatPasses()
    {
        ulong at = Map(2);
        HostFrame.Left = 1;
        Write(Space, at, 1);
        Assert.Equal(FaultError.OutOfMemory, Fault(at + P, UserAccessKind.Write));
        HostFrame.Left = 1;
        Write(Space, at + P, 2);
    }

    [Fact]
    public void TensOfThousandsOfAreas()
    {
        const ulong Base = 0x1_0000_0000;
        for (ulong i = 0; i < 30000; i++)
        {
            Map(1, (i & 1) == 0 ? Rw : MemoryProtection.Read, Base + (i * 2 * P));
        }

        Assert.Equal(30000ul, Space.Use.Total);
        ulong gap = Map(1);
        Assert.True(gap > Base);
        for (ulong i = 0; i < 30000; i += 2)
        {
            Assert.Equal(Errno.Ok, Space.Unmap(Base + (i * 2 * P), P));
        }

        Assert.Equal(15001ul, Space.Use.Total);
        Assert.Equal(Errno.Ok, Space.Unmap(Base, 60000 * P));
        Assert.Equal(1ul, Space.Use.Total);
    }

    [Fact]
    public void ThereAreOnlySoManyAreas()
    {
        const ulong Base = 0x1_0000_0000;
        ulong i = 0;
        long result;
        do
        {
            result = Space.Map(Base + (i++ * 2 * P), P, Rw, Anonymous | MapFlags.Fixed, default);
        }
        while (result > 0);
        Assert.Equal(-(long)Errno.ENOMEM, result);
        Assert.Equal((ulong)AddressSpace.MaximumAreas + 1, i - 1);
    }
}
