using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>Objects, fork, copy-on-write.</summary>
public sealed class ShareTests : SpaceFixture
{
    [Fact]
    public void AChildSharesPagesUntilOneWrites()
    {
        ulong at = Map(2);
        Write(Space, at, 1);
        Write(Space, at + P, 2);
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(2, HostFrame.Taken);
        Write(child!, at, 9);
        Assert.Equal(3, HostFrame.Taken);
        Assert.Equal(1, Read(Space, at));
        Assert.Equal(9, Read(child!, at));
        Write(Space, at, 5);
        Assert.Equal(3, HostFrame.Taken);
        Assert.Equal(2, Read(child!, at + P));
        Assert.Equal(4ul, CommittedMemory.Pages);
        child!.ReleaseUser();
        Assert.Equal(2, HostFrame.Taken);
        Write(Space, at + P, 3);
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(2ul, CommittedMemory.Pages);
    }

    /// <summary>A fork between finding the page and writing to it would give the child the page that is then written: so it has to wait until the write is done.</summary>
    [Fact]
    public void AForkDuringAWriteOfAnotherProcessWaitsForIt()
    {
        ulong at = Map(1);
        Write(Space, at, 1);
        bool hadToWait = false;
        Page.BeforeWrite = () => hadToWait = Record.Exception(() => Space.TryFork(out _)) is System.InvalidOperationException;
        Write(Space, at, 2);
        Assert.True(hadToWait);
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Write(Space, at, 3);
        Assert.Equal(2, Read(child!, at));
        Assert.Equal(3, Read(Space, at));
        child!.ReleaseUser();
        Assert.Equal(1, HostFrame.Taken);
    }

    /// <summary>A page that a device is writing stays the parent's, whatever both sides do before the device is done; the child has what was there at the fork.</summary>
    [Fact]
    public void WhatADeviceWritesDuringAForkArrivesInTheParent()
    {
        ulong at = Map(2);
        Write(Space, at, 1);
        Write(Space, at + P, 2);
        Assert.True(Space.TryTakeForTransfer(at, forWrite: true, out Page page));
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(3, HostFrame.Taken);
        Write(Space, at + 1, 5);
        Write(child!, at + 1, 6);
        Assert.Equal(3, HostFrame.Taken);
        page.Write(0, [9]);
        page.Unpin();
        Assert.Equal((9, 5), (Read(Space, at), Read(Space, at + 1)));
        Assert.Equal((1, 6), (Read(child!, at), Read(child!, at + 1)));
        Assert.Equal(2, Read(child!, at + P));
        child!.ReleaseUser();
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(0, (page.References - 1) | (page.UnpinnedReferences - 1));
    }

    /// <summary>A mapping that may not be written for a while does not lose the page that a device writes, with and without a fork meanwhile.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APageThatADeviceWritesIsNotCopiedForItsOwner(bool forks)
    {
        ulong at = Map(1);
        Write(Space, at, 1);
        Assert.True(Space.TryTakeForTransfer(at, forWrite: true, out Page page));
        Assert.Equal(Errno.Ok, Space.Protect(at, P, MemoryProtection.Read));
        AddressSpace? child = null;
        Assert.Equal(Errno.Ok, forks ? Space.TryFork(out child) : Errno.Ok);
        Assert.Equal(Errno.Ok, Space.Protect(at, P, Rw));
        Write(Space, at + 1, 5);
        page.Write(0, [9]);
        page.Unpin();
        Assert.Equal((9, 5), (Read(Space, at), Read(Space, at + 1)));
        if (child is not null)
        {
            Assert.Equal(Errno.Ok, child.Protect(at, P, Rw));
            Write(child, at + 1, 6);
            Assert.Equal((1, 6), (Read(child, at), Read(child, at + 1)));
            child.ReleaseUser();
        }

        Assert.Equal(1, HostFrame.Taken);
    }

    /// <summary>Shared memory stays shared, also while a device writes it; what a device only reads is shared until somebody writes, as ever.</summary>
    [Fact]
    public void SharedPagesAndThoseThatADeviceReadsAreNotCopiedByAFork()
    {
        ulong at = Map(1);
        Write(Space, at, 1);
        Assert.True(Space.TryTakeForTransfer(at, forWrite: false, out Page read));
        ulong shared = (ulong)Space.Map(0, P, Rw, MapFlags.Shared | MapFlags.Anonymous, default);
        Write(Space, shared, 2);
        Assert.True(Space.TryTakeForTransfer(shared, forWrite: true, out Page written));
        int before = HostFrame.Taken;
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(before, HostFrame.Taken);
        written.Write(0, [7]);
        written.Unpin();
        Assert.Equal((7, 7), (Read(Space, shared), Read(child!, shared)));
        Write(Space, at, 3);
        Assert.Equal(1, Read(child!, at));
        read.Release();
        child!.ReleaseUser();
    }

    /// <summary>Without memory for the copy there is no child, and nothing is left of it.</summary>
    [Fact]
    public void AForkThatCannotCopyAPinnedPageFails()
    {
        ulong at = Map(3);
        for (ulong i = 0; i < 3; i++)
        {
            Write(Space, at + (i * P), (byte)i);
        }

        Assert.True(Space.TryTakeForTransfer(at + P, forWrite: true, out Page page));
        HostFrame.Left = 0;
        Assert.Equal(Errno.ENOMEM, Space.TryFork(out AddressSpace? child));
        Assert.Null(child);
        HostFrame.Left = int.MaxValue;
        page.Unpin();
        Assert.Equal(3, HostFrame.Taken);
        Write(Space, at + P, 7);
        Assert.Equal(3, HostFrame.Taken);
    }

    /// <summary>Memory that was reaped is gone at once, is not handed out again, and what is left goes as always.</summary>
    [Fact]
    public void ReapedMemoryIsGoneAndStaysGone()
    {
        ulong at = Map(3);
        ulong shared = (ulong)Space.Map(0, P, Rw, MapFlags.Shared | MapFlags.Anonymous, default);
        Write(Space, at, 1);
        Write(Space, at + P, 2);
        Write(Space, shared, 3);
        Assert.Equal(3, HostFrame.Taken);
        Assert.True(Space.TryReap());
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(0, Space.WriteRemote(at, [9]));
        Assert.Equal(0, Space.ReadRemote(at + (2 * P), new byte[1]));
        Assert.Equal(1, HostFrame.Taken);
    }

    /// <summary>Memory of a device is mapped where it is touched and around it, has no frames, is a child's, too, and is not read for others; behind its end there is nothing.</summary>
    [Fact]
    public void MemoryOfADeviceIsMappedAndNotRead()
    {
        var device = new DeviceMemoryObject(new MmioRegion(3));
        ulong at = Map(device, 4, MapFlags.Shared);
        Assert.Equal(FaultError.None, Fault(at + P, UserAccessKind.Write));
        Assert.Equal(0ul, Space.ResidentPages);
        Assert.Equal(FaultError.BusError, Fault(at + (3 * P), UserAccessKind.Read));
        Assert.Equal(0, Space.ReadRemote(at, new byte[1]));
        Assert.Equal(0, Space.WriteRemote(at, [1]));
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(0, child!.ReadRemote(at, new byte[1]));
        child.ReleaseUser();
        Assert.Equal(Errno.Ok, Space.Unmap(at, 4 * P));
        Assert.Equal(0, HostFrame.Taken);
    }

    [Fact]
    public void SharedMemoryStaysShared()
    {
        ulong at = (ulong)Space.Map(0, 2 * P, Rw, MapFlags.Shared | MapFlags.Anonymous, default);
        Write(Space, at, 1);
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Write(child!, at, 2);
        Write(child!, at + P, 3);
        Assert.Equal(2, Read(Space, at));
        Assert.Equal(3, Read(Space, at + P));
        Assert.Equal(2, HostFrame.Taken);
        Assert.Equal(2ul, Space.Use.ResidentShared);
        Assert.Equal(Errno.Ok, Space.Unmap(at, 2 * P));
        Assert.Equal(3, Read(child!, at + P));
        child!.ReleaseUser();
        Assert.Equal(0, HostFrame.Taken);
    }

    [Fact]
    public void AdviceSaysWhatAChildGets()
    {
        ulong at = Map(3);
        Write(Space, at, 1);
        Write(Space, at + P, 2);
        Write(Space, at + (2 * P), 3);
        Assert.Equal(Errno.Ok, Space.Advise(at, P, MemoryAdvice.DontFork));
        Assert.Equal(Errno.Ok, Space.Advise(at + P, P, MemoryAdvice.WipeOnFork));
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal("1-2:3 2-3:3", Areas(child!, at));
        Assert.Equal(0, Read(child!, at + P));
        Assert.Equal(3, Read(child!, at + (2 * P)));
        Assert.Equal(1, Read(Space, at));
        child!.ReleaseUser();
        Assert.Equal(Errno.Ok, Space.Advise(at, 2 * P, MemoryAdvice.DoFork));
        Assert.Equal(Errno.Ok, Space.Advise(at, 2 * P, MemoryAdvice.KeepOnFork));
        Assert.Equal("0-3:3", Areas(Space, at));
    }

    [Fact]
    public void APrivateMappingCopiesWhatItWrites()
    {
        HostObject file = new(4 * P);
        ulong at = Map(file, 4, MapFlags.Private);
        Assert.Equal(2, Read(Space, at + P));
        Assert.Equal(1ul, Space.Use.ResidentFile);
        Write(Space, at + P, 77);
        Assert.Equal(1ul, Space.Use.ResidentAnonymous);
        Assert.Equal(0ul, Space.Use.ResidentFile);
        ulong other = Map(file, 4, MapFlags.Shared);
        Assert.Equal(2, Read(Space, other + P));
        Write(Space, other + (2 * P), 88);
        Assert.Equal(88, Read(Space, at + (2 * P)));
        Assert.Equal(Errno.Ok, Space.Unmap(at, 4 * P));
        Assert.Equal(Errno.Ok, Space.Unmap(other, 4 * P));
        Assert.Equal(0, file.Holders);
        file.Clear();
    }

    [Fact]
    public void TruncationTakesPagesAndCopiesFromAllMappings()
    {
        HostObject file = new(4 * P);
        ulong shared = Map(file, 4, MapFlags.Shared);
        ulong copied = Map(file, 4, MapFlags.Private);
        Write(Space, shared + (2 * P), 5);
        Write(Space, copied + (3 * P), 6);
        Assert.Equal(1, Read(Space, copied));
        file.Truncate((2 * P) + 1);
        Assert.Equal(FaultError.BusError, Fault(copied + (3 * P), UserAccessKind.Read));
        Assert.Equal(FaultError.BusError, Fault(shared + (3 * P), UserAccessKind.Write));
        Assert.Equal(5, Read(Space, shared + (2 * P)));
        file.Truncate(0);
        Assert.Equal(FaultError.BusError, Fault(shared, UserAccessKind.Read));
        Assert.Equal(0ul, Space.Use.Resident);
        file.Clear();
    }

    [Fact]
    public void AHoleLeavesPrivateCopies()
    {
        HostObject file = new(4 * P);
        ulong shared = Map(file, 4, MapFlags.Shared);
        ulong copied = Map(file, 4, MapFlags.Private);
        Write(Space, copied, 6);
        Write(Space, shared, 7);
        Assert.Equal(Errno.Ok, Space.Advise(shared, 2 * P, MemoryAdvice.Remove));
        Assert.Equal(6, Read(Space, copied));
        Assert.Equal(1, Read(Space, shared));
        Assert.Equal(Errno.EACCES, Space.Advise(copied, P, MemoryAdvice.Remove));
        file.Clear();
    }

    [Fact]
    public void ATruncationBesideAFaultIsNotMissed()
    {
        HostObject file = new(4 * P);
        ulong at = Map(file, 4, MapFlags.Shared);

        // The page is entered after the truncation has walked over the mappings.
        Space.Pages.Mapped = _ =>
        {
            Space.Pages.Mapped = null;
            file.Truncate(0);
        };
        Assert.Equal(FaultError.BusError, Fault(at, UserAccessKind.Read));
        Assert.Equal(0ul, Space.Use.Resident);
        file.Clear();
    }

    [Theory]
    [InlineData(UserAccessKind.Read)]
    [InlineData(UserAccessKind.Write)]
    public void AFaultThatFindsItsPageTakenAndThenGoneIsNotOutOfMemory(UserAccessKind access)
    {
        ulong at = Map(1);
        Space.Pages.Mapping = address =>
        {
            // A fault beside this one is quicker, and madvise(2) takes its page away at once.
            Space.Pages.Mapping = null;
            Assert.True(Page.TryAllocate(out Page other));
            Assert.True(Space.Pages.TryMap(address, other, UserRights.Read));
            Space.Pages.Refused = taken =>
            {
                Space.Pages.Refused = null;
                Space.Pages.Unmap(taken, taken + P);
            };
        };
        Assert.Equal(FaultError.None, Fault(at, access));
        Assert.Null(Space.Pages.Refused);
        Assert.Equal(0, Read(Space, at));
    }

    [Fact]
    public void FaultsMapTheNeighboursThatAreThere()
    {
        HostObject file = new(32 * P);
        ulong first = Map(file, 32, MapFlags.Shared);
        for (ulong i = 0; i < 20; i++)
        {
            Write(Space, first + (i * P), (byte)(100 + i));
        }

        ulong at = Map(file, 32, MapFlags.Private, MemoryProtection.Read);
        ulong before = Space.Use.ResidentFile;
        Read(Space, (at + (16 * P)) & ~((16 * P) - 1));
        Assert.InRange(Space.Use.ResidentFile - before, 2ul, 16ul);
        Assert.Equal(119, Read(Space, at + (19 * P)));
        file.Clear();
    }

    [Fact]
    public void WhatIsMappedKeepsItsFileOpen()
    {
        HostObject contents = new(8 * P);
        OpenFile file = new();
        ulong at = (ulong)Space.Map(0, 8 * P, Rw, MapFlags.Private, new MappingSource(contents, 0, MemoryProtection.All, file));
        Assert.Equal(2, file.References);
        Assert.Equal(Errno.Ok, Space.Protect(at + P, P, MemoryProtection.Read));
        Assert.Equal(4, file.References);
        Assert.Equal(Errno.Ok, Space.Protect(at + P, P, Rw));
        Assert.Equal(2, file.References);
        Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
        Assert.Equal(3, file.References);
        child!.ReleaseUser();
        Assert.Equal(Errno.Ok, Space.Unmap(at, 8 * P));
        Assert.Equal(1, file.References);
        Assert.Equal(0, contents.Holders);
        contents.Clear();
    }

    [Fact]
    public void ForkWithoutMemoryForCommitmentLeavesNothing()
    {
        ulong at = Map(4);
        Write(Space, at, 1);
        CommittedMemory.Policy = OvercommitPolicy.Never;
        ulong filler = Map(CommittedMemory.LimitPages - 600);
        Assert.Equal(Errno.ENOMEM, Space.TryFork(out AddressSpace? child));
        Assert.Null(child);
        Assert.Equal(1, HostFrame.Taken);
        Assert.Equal(Errno.Ok, Space.Unmap(filler, (CommittedMemory.LimitPages - 600) * P));
        Write(Space, at, 2);
        Assert.Equal(1, HostFrame.Taken);
    }
}
