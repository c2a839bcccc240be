using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>An address space, and the check that nothing is left of it.</summary>
public abstract class SpaceFixture : IDisposable
{
    protected const ulong P = AddressSpace.PageBytes;
    protected const MemoryProtection Rw = MemoryProtection.Read | MemoryProtection.Write;
    protected const MapFlags Anonymous = MapFlags.Private | MapFlags.Anonymous;

    private readonly Limits _limits = new();

    protected SpaceFixture()
    {
        HostFrame.Left = int.MaxValue;
        CommittedMemory.Policy = OvercommitPolicy.Heuristic;
        MemoryLimitSource.Instance = _limits;
        Assert.Equal(0, HostFrame.Taken);
        Assert.Equal(0ul, CommittedMemory.Pages);
        Assert.Equal(Errno.Ok, AddressSpace.TryCreate(out AddressSpace? space));
        Space = space!;
    }

    protected AddressSpace Space { get; }

    protected void Limit(Func<MemoryLimits, MemoryLimits> change) => _limits.Now = change(_limits.Now);

    public void Dispose()
    {
        Space.ReleaseUser();
        Assert.Equal(0, HostFrame.Taken);
        Assert.Equal(0ul, CommittedMemory.Pages);
        GC.SuppressFinalize(this);
    }

    /// <summary>A private anonymous mapping, anywhere or exactly at an address.</summary>
    protected ulong Map(ulong pages, MemoryProtection protection = Rw, ulong at = 0, MapFlags more = MapFlags.None)
    {
        long result = Space.Map(at, pages * P, protection, Anonymous | more | (at == 0 ? MapFlags.None : MapFlags.Fixed), default);
        Assert.True(result > 0, $"mmap gave {result}");
        return (ulong)result;
    }

    internal ulong Map(MappedObject shown, ulong pages, MapFlags type, MemoryProtection protection = Rw, ulong at = 0, ulong offset = 0)
    {
        long result = Space.Map(at, pages * P, protection, type | (at == 0 ? MapFlags.None : MapFlags.Fixed), new MappingSource(shown, offset));
        Assert.True(result > 0, $"mmap gave {result}");
        return (ulong)result;
    }

    protected static void Write(AddressSpace space, ulong address, byte value) => Assert.Equal(1, space.WriteRemote(address, [value]));

    protected static byte Read(AddressSpace space, ulong address)
    {
        Span<byte> value = stackalloc byte[1];
        Assert.Equal(1, space.ReadRemote(address, value));
        return value[0];
    }

    /// <summary>The areas, one a line: start, end and rights, as pages from a base.</summary>
    protected static string Areas(AddressSpace space, ulong from = 0)
    {
        string text = "";
        for (ulong at = from; space.TryDescribe(at, out AreaDescription area); at = area.End)
        {
            area.File?.Release();
            text += $"{(area.Start - from) / P}-{(area.End - from) / P}:{(int)area.Protection} ";
        }

        return text.TrimEnd();
    }

    protected FaultError Fault(ulong address, UserAccessKind access)
    {
        Space.HandleFault(address, access, out FaultError error);
        return error;
    }

    private sealed class Limits : MemoryLimitSource
    {
        public MemoryLimits Now { get; set; } = MemoryLimits.None with { NoRandomization = true, MayLockAny = false, MayMapLow = false, IsAdministrator = false };

        public override MemoryLimits OfCurrentTask() => Now;
    }
}
