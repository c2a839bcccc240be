using CosmosKernel.Abi;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>mremap, madvise, mlock, msync, mincore.</summary>
public sealed class RemapTests : SpaceFixture
{
    [Fact]
    public void GrowsInPlaceWhenThereIsRoom()
    {
        ulong at = Map(2, at: 0x2000_0000);
        Write(Space, at + P, 4);
        Assert.Equal((long)at, Space.Remap(at, 2 * P, 5 * P, RemapFlags.None, 0));
        Assert.Equal("0-5:3", Areas(Space, at));
        Assert.Equal(4, Read(Space, at + P));
        Assert.Equal((long)at, Space.Remap(at, 5 * P, P, RemapFlags.None, 0));
        Assert.Equal("0-1:3", Areas(Space, at));
        Assert.Equal(0, HostFrame.Taken);
    }

    [Fact]
    public void MovesWhenThereIsNoRoom()
    {
        ulong at = Map(2, at: 0x2000_0000);
        Map(1, MemoryProtection.Read, at + (2 * P));
        Write(Space, at + P, 4);
        Assert.Equal(-(long)Errno.ENOMEM, Space.Remap(at, 2 * P, 3 * P, RemapFlags.None, 0));
        ulong moved = (ulong)Space.Remap(at, 2 * P, 3 * P, RemapFlags.MayMove, 0);
        Assert.NotEqual(at, moved);
        Assert.Equal(4, Read(Space, moved + P));
        Assert.Equal(FaultError.NotMapped, Fault(at, UserAccessKind.Read));
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(3ul, CommittedMemory.Pages);
    }

    [Fact]
    public void MovesToAGivenPlaceAndReplacesWhatIsThere()
    {
        ulong at = Map(4, at: 0x2000_0000);
        ulong to = Map(6, MemoryProtection.Read, 0x3000_0000);
        Write(Space, at, 1);
        Write(Space, at + (3 * P), 2);
        Assert.Equal((long)to + (long)P, Space.Remap(at, 4 * P, 3 * P, RemapFlags.MayMove | RemapFlags.Fixed, to + P));
        Assert.Equal("0-1:1 1-4:3 4-6:1", Areas(Space, to));
        Assert.Equal(1, Read(Space, to + P));
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(-(long)Errno.EINVAL, Space.Remap(to + P, 3 * P, 3 * P, RemapFlags.MayMove | RemapFlags.Fixed, to + (2 * P)));
        Assert.Equal(-(long)Errno.EINVAL, Space.Remap(to + P, 3 * P, 3 * P, RemapFlags.Fixed, 0x4000_0000));
    }

    [Fact]
    public void TheOldPlaceCanStay()
    {
        ulong at = Map(2, at: 0x2000_0000);
        Write(Space, at, 1);
        ulong moved = (ulong)Space.Remap(at, 2 * P, 2 * P, RemapFlags.MayMove | RemapFlags.DontUnmap, 0);
        Assert.Equal(1, Read(Space, moved));
        Assert.Equal(0, Read(Space, at));
        Assert.Equal(4ul, CommittedMemory.Pages);
        Assert.Equal(-(long)Errno.EINVAL, Space.Remap(at, 2 * P, P, RemapFlags.MayMove | RemapFlags.DontUnmap, 0));
    }

    [Fact]
    public void ASharedMappingIsDoubledByASizeOfZero()
    {
        ulong at = (ulong)Space.Map(0, 2 * P, Rw, MapFlags.Shared | MapFlags.Anonymous, default);
        ulong twin = (ulong)Space.Remap(at, 0, 2 * P, RemapFlags.MayMove, 0);
        Write(Space, at + P, 8);
        Assert.Equal(8, Read(Space, twin + P));
        ulong alone = Map(1);
        Assert.Equal(-(long)Errno.EINVAL, Space.Remap(alone, 0, P, RemapFlags.MayMove, 0));
    }

    [Theory]
    [InlineData(0x2000_0001UL, 1UL, 1UL, 0U, Errno.EINVAL)]
    [InlineData(0x2000_0000UL, 1UL, 0UL, 0U, Errno.EINVAL)]
    [InlineData(0x2000_0000UL, 1UL, 1UL, 8U, Errno.EINVAL)]
    [InlineData(0x2000_0000UL, 1UL, 1UL, 4U, Errno.EINVAL)]
    [InlineData(0x2100_0000UL, 0x1000UL, 0x2000UL, 1U, Errno.EFAULT)]
    [InlineData(0x2000_0000UL, 0x3000UL, 0x4000UL, 1U, Errno.EFAULT)]
    public void BadRequestsAreRefused(ulong at, ulong old, ulong wanted, uint flags, Errno error)
    {
        Map(2, at: 0x2000_0000);
        Assert.Equal(-(long)error, Space.Remap(at, old, wanted, (RemapFlags)flags, 0));
        Assert.Equal("0-2:3", Areas(Space, 0x2000_0000));
    }

    [Fact]
    public void AdviceIsCheckedAndTaken()
    {
        ulong at = Map(4);
        Write(Space, at, 1);
        Assert.Equal(Errno.Ok, Space.Advise(at, P, MemoryAdvice.DontNeed));
        Assert.Equal(0, Read(Space, at));
        Assert.Equal(Errno.EINVAL, Space.Advise(at, P, (MemoryAdvice)5));
        Assert.Equal(Errno.EINVAL, Space.Advise(at, P, MemoryAdvice.HugePage));
        Assert.Equal(Errno.EINVAL, Space.Advise(at + 1, P, MemoryAdvice.Normal));
        Assert.Equal(Errno.ENOMEM, Space.Advise(at, 9 * P, MemoryAdvice.Normal));
        Assert.Equal(Errno.Ok, Space.Advise(at, 0, MemoryAdvice.DontNeed));
        Assert.Equal(Errno.Ok, Space.Advise(at, 2 * P, MemoryAdvice.PopulateWrite));
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(Errno.Ok, Space.Protect(at, P, MemoryProtection.Read));
        Assert.Equal(Errno.EINVAL, Space.Advise(at, P, MemoryAdvice.PopulateWrite));
    }

    [Fact]
    public void LocksCountAndAreLimited()
    {
        ulong at = Map(8);
        Limit(limits => limits with { Locked = 4 * P });
        Assert.Equal(Errno.Ok, Space.Lock(at + 5, (2 * P) - 5, LockFlags.None));
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(2ul, Space.Use.Locked);
        Assert.Equal(Errno.ENOMEM, Space.Lock(at + (2 * P), 3 * P, LockFlags.None));
        Assert.Equal(Errno.Ok, Space.Lock(at, 4 * P, LockFlags.OnFault));
        Assert.Equal(4ul, Space.Use.Locked);
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(Errno.EINVAL, Space.Advise(at, P, MemoryAdvice.DontNeed));
        Assert.Equal(Errno.Ok, Space.Advise(at, P, MemoryAdvice.DontNeedLocked));
        Assert.Equal(Errno.EBUSY, Space.Sync(at, P, SyncFlags.Invalidate));
        Assert.Equal(-(long)Errno.EAGAIN, Space.Map(0, P, Rw, Anonymous | MapFlags.Locked, default));
        Assert.Equal(Errno.Ok, Space.Unlock(at, 8 * P));
        Assert.Equal(0ul, Space.Use.Locked);
        Assert.Equal("0-8:3", Areas(Space, at));
        Limit(limits => limits with { Locked = 0 });
        Assert.Equal(Errno.EPERM, Space.Lock(at, P, LockFlags.None));
    }

    [Fact]
    public void AllOfItIsLockedAndWhatComes()
    {
        ulong at = Map(2);
        Assert.Equal(Errno.EINVAL, Space.LockAll(LockAllFlags.OnFault));
        Assert.Equal(Errno.Ok, Space.LockAll(LockAllFlags.Current | LockAllFlags.Future));
        Assert.Equal(2, HostFrame.Taken);
        Map(3);
        Assert.Equal(5, HostFrame.Taken);
        Assert.Equal(5ul, Space.Use.Locked);
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(0ul, child!.Use.Locked);
        child.ReleaseUser();
        Space.UnlockAll();
        Assert.Equal(0ul, Space.Use.Locked);
        Map(1);
        Assert.Equal(5, HostFrame.Taken);
        Assert.Equal(1, Space.Use.ResidentAnonymous > 0 ? 1 : 0);
        Assert.Equal(0, Read(Space, at));
    }

    [Fact]
    public void ResidencyAndSync()
    {
        ulong at = Map(3);
        Write(Space, at + P, 1);
        byte[] resident = new byte[3];
        Assert.Equal(Errno.Ok, Space.FindResident(at, resident));
        Assert.Equal([0, 1, 0], resident);
        Assert.Equal(Errno.ENOMEM, Space.FindResident(at, new byte[4]));
        Assert.Equal(Errno.Ok, Space.Sync(at, 3 * P, SyncFlags.Sync));
        Assert.Equal(Errno.ENOMEM, Space.Sync(at, 4 * P, SyncFlags.Async));
        Assert.Equal(Errno.EINVAL, Space.Sync(at, P, SyncFlags.Async | SyncFlags.Sync));
        Assert.Equal(Errno.EINVAL, Space.Sync(at, P, (SyncFlags)8));
    }
}
