using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;
using static CosmosKernel.Tests.AddressSpaces.Space;

namespace CosmosKernel.Tests.AddressSpaces;

/// <summary>Pages come, are shared and copied as they should, seen through the kernel's own copies.</summary>
public static class FaultTests
{
    /// <summary>A mapping costs nothing, a read no page, a write one.</summary>
    [KernelTest("memory.user.pages_come_when_they_are_written")]
    public static void PagesComeWhenTheyAreWritten() => Run(space =>
    {
        ulong at = Map(space, 64);
        Check.True(UserMemory.TryRead(at + (5 * P), out ulong value), "read");
        Check.Equal(0ul, value, "an untouched word");
        Check.Equal(0ul, space.Use.Resident, "pages after a read");
        Check.True(UserMemory.TryWrite(at + (5 * P), 42ul), "write");
        Check.True(UserMemory.TryRead(at + (5 * P), out value) && value == 42, "what was written");
        Check.Equal(1ul, space.Use.ResidentAnonymous, "pages after a write");
        Check.Equal(Errno.Ok, space.Advise(at, 64 * P, MemoryAdvice.DontNeed));
        Check.True(UserMemory.TryRead(at + (5 * P), out value) && value == 0, "zero after MADV_DONTNEED");
        Check.Equal(0ul, space.Use.Resident, "pages at the end");
    });

    /// <summary>What is not mapped, or not writable, fails and harms nobody.</summary>
    [KernelTest("memory.user.bad_addresses_fail")]
    public static void BadAddressesFail() => Run(space =>
    {
        ulong at = Map(space, 2, protection: MemoryProtection.Read);
        Check.False(UserMemory.TryWrite(at, 1u), "write to a read-only page");
        Check.False(UserMemory.TryRead(at + (2 * P), out uint _), "read of what is not mapped");
        Check.False(UserMemory.TryRead(0, out uint _), "read of page zero");
        Check.False(UserMemory.TryRead(UserMemory.Limit, out uint _), "read above user memory");
        Check.False(UserMemory.TryRead(ulong.MaxValue - 7, out ulong _), "read of the kernel's end");
        Check.Equal(Errno.Ok, space.Protect(at, P, Rw));
        Check.True(UserMemory.TryWrite(at, 1u), "write after mprotect");
        Check.Equal(Errno.Ok, space.Protect(at, P, MemoryProtection.None));
        Check.False(UserMemory.TryRead(at, out uint _), "read of PROT_NONE");
    });

    /// <summary>fork copies no page; each write copies one, and the last owner gets it without a copy.</summary>
    [KernelTest("memory.user.fork_copies_on_write")]
    public static void ForkCopiesOnWrite() => Run(space =>
    {
        const ulong Pages = 32;
        ulong at = Map(space, Pages);
        for (ulong i = 0; i < Pages; i++)
        {
            Check.True(UserMemory.TryWrite(at + (i * P), 100 + i), "write");
        }

        Check.Equal(Errno.Ok, space.TryFork(out AddressSpace? child));
        Check.True(UserMemory.TryWrite(at, 7ul), "the parent writes");
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        Check.Equal(sizeof(ulong), child!.ReadRemote(at, word));
        Check.Equal(100ul, BitConverter.ToUInt64(word), "what the child sees");
        Check.Equal(1, child.WriteRemote(at + P, [9]));
        Check.True(UserMemory.TryRead(at + P, out ulong value) && value == 101, "what the parent sees");
        child.ReleaseUser();
        for (ulong i = 0; i < Pages; i++)
        {
            Check.True(UserMemory.TryWrite(at + (i * P), i), "the parent writes again");
        }

        Check.Equal(Pages, space.Use.ResidentAnonymous, "pages of the parent");
    });

    /// <summary>A page beyond the end of a shrunk object is an error, before it was mapped and after.</summary>
    [KernelTest("memory.user.removed_pages_are_asked_for_again")]
    public static void RemovedPages() => Run(space =>
    {
        ulong at = Map(space, 8, SharedAnonymous);
        for (ulong i = 0; i < 8; i++)
        {
            Check.True(UserMemory.TryWrite(at + (i * P), i + 1), "write");
        }

        Check.Equal(8ul, space.Use.ResidentShared, "pages");
        Check.Equal(Errno.Ok, space.Advise(at + (2 * P), 4 * P, MemoryAdvice.Remove));
        Check.Equal(4ul, space.Use.ResidentShared, "pages after a hole");
        Check.True(UserMemory.TryRead(at + (3 * P), out ulong value) && value == 0, "zero in the hole");
        Check.True(UserMemory.TryRead(at + P, out value) && value == 2, "what is beside it");
    });

    /// <summary>A moved mapping has its contents, and the old place nothing.</summary>
    [KernelTest("memory.user.mremap_moves_pages")]
    public static void RemapMovesPages() => Run(space =>
    {
        ulong at = Map(space, 4);
        ulong wall = Map(space, 1, at: at + (4 * P));
        Check.True(UserMemory.TryWrite(at + P, 5ul), "write");
        long moved = space.Remap(at, 4 * P, 600 * P, RemapFlags.MayMove, 0);
        Check.True(moved > 0 && (ulong)moved != at, $"mremap gave {moved}");
        Check.True(UserMemory.TryRead((ulong)moved + P, out ulong value) && value == 5, "contents");
        Check.False(UserMemory.TryRead(at + P, out value), "the old place");
        Check.True(UserMemory.TryWrite(wall, 1ul), "what was beside it");
        Check.Equal(601ul, space.Use.Total, "pages mapped");
    });

    /// <summary>Shared and private mappings of a file see it, until it is shortened: then its pages and their copies are gone.</summary>
    [KernelTest("memory.user.a_shortened_file_is_a_bus_error")]
    public static void AShortenedFile() => Run(space =>
    {
        Check.Equal(Errno.Ok, MemoryFiles.TryCreate("memfd:test"u8, "/memfd:test (deleted)", mayBeSealed: true, out OpenFile? file));
        Check.Equal(Errno.Ok, file!.Truncate(4 * (long)P));
        Check.Equal(Errno.Ok, file.GetMappedObject(out MappedObject? contents));
        ulong shared = (ulong)space.Map(0, 4 * P, Rw, MapFlags.Shared, new MappingSource(contents, 0, MemoryProtection.All, file));
        ulong copied = (ulong)space.Map(0, 4 * P, Rw, MapFlags.Private, new MappingSource(contents, 0, MemoryProtection.All, file));
        Check.True(UserMemory.TryWrite(shared + (2 * P), 5ul), "write to the shared mapping");
        Check.True(UserMemory.TryRead(copied + (2 * P), out ulong value) && value == 5, "the private mapping sees it");
        Check.True(UserMemory.TryWrite(copied + (3 * P), 6ul), "write to the private mapping");
        Check.True(UserMemory.TryRead(shared + (3 * P), out value) && value == 0, "the shared one does not see it");
        Check.Equal(Errno.Ok, file.Truncate((2 * (long)P) + 8));
        Check.False(space.HandleFault(shared + (3 * P), UserAccessKind.Read, out FaultError error), "a page beyond the end");
        Check.Equal(FaultError.BusError, error);
        Check.False(UserMemory.TryRead(copied + (3 * P), out value), "a copy of it");
        Check.True(UserMemory.TryRead(shared + (2 * P), out value) && value == 5, "what is left");
        file.Release();
        Check.True(UserMemory.TryRead(copied + (2 * P), out value) && value == 5, "the mapping keeps the file");
        Check.Equal(Errno.Ok, space.Unmap(shared, 4 * P));
        Check.Equal(Errno.Ok, space.Unmap(copied, 4 * P));
        Check.Equal(0ul, space.Use.Resident, "pages at the end");
    });
}
