using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;
using static CosmosKernel.Tests.AddressSpaces.Space;

namespace CosmosKernel.Tests.AddressSpaces;

/// <summary>Several tasks in one address space, and many address spaces at once.</summary>
public static class ConcurrencyTests
{
    private const int Rounds = 100;

    /// <summary>
    /// One task replaces a page again and again while others read it: they see its present contents or the next, never those of a page that was given back, which a translation left in a CPU would show.
    /// </summary>
    [KernelTest("memory.user.unmapped_pages_are_gone_on_all_cpus")]
    public static void UnmappedPagesAreGone()
    {
        ulong page = 0;
        long stop = 0;
        long wrong = 0;
        long lowest = 0;
        using ManualResetEventSlim mapped = new();
        RunOn(4, (space, task) =>
        {
            if (task == 0)
            {
                ulong at = Map(space, 1);
                Check.True(UserMemory.TryWrite(at, 1ul), "first write");
                Volatile.Write(ref lowest, 1);
                Volatile.Write(ref page, at);
                mapped.Set();
                for (ulong round = 2; round < Rounds; round++)
                {
                    Check.Equal((long)at, space.Map(at, P, Rw, Anonymous | MapFlags.Fixed, default));
                    Check.True(UserMemory.TryWrite(at, round), "write");

                    // From here on nobody may read anything older.
                    Volatile.Write(ref lowest, (long)round);
                }

                Volatile.Write(ref stop, 1);
                return;
            }

            mapped.Wait();
            ulong address = Volatile.Read(ref page);
            while (Volatile.Read(ref stop) == 0)
            {
                long least = Volatile.Read(ref lowest);
                if (UserMemory.TryRead(address, out ulong value) && value != 0 && (long)value < least)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });
        Check.Equal(0L, wrong, "reads of a page that was replaced before");
    }

    /// <summary>Tasks that fault the same pages at the same time get one page each time, and lose no write.</summary>
    [KernelTest("memory.user.faults_at_the_same_place_give_one_page")]
    public static void FaultsAtTheSamePlace()
    {
        const int Tasks = 4;
        const ulong Pages = 256;
        ulong start = 0;
        using Barrier ready = new(Tasks);
        RunOn(Tasks, (space, task) =>
        {
            if (task == 0)
            {
                Volatile.Write(ref start, Map(space, Pages));
            }

            ready.SignalAndWait();
            ulong at = Volatile.Read(ref start);
            for (ulong i = 0; i < Pages; i++)
            {
                Check.True(UserMemory.TryWrite(at + (i * P) + ((ulong)task * sizeof(ulong)), i + 1), "write");
            }

            ready.SignalAndWait();
            for (ulong i = 0; i < Pages; i++)
            {
                for (ulong other = 0; other < Tasks; other++)
                {
                    Check.True(UserMemory.TryRead(at + (i * P) + (other * sizeof(ulong)), out ulong value) && value == i + 1, "what another task wrote");
                }
            }

            ready.SignalAndWait();
            Check.Equal(Pages, space.Use.ResidentAnonymous, "pages");
        });
    }

    /// <summary>A storm of mappings, faults, forks and removals on all CPUs gives every frame back.</summary>
    [KernelTest("memory.user.a_storm_gives_every_frame_back")]
    public static void AStormGivesEveryFrameBack()
    {
        Storm(1);
        long before = FramesInUse();
        ulong committed = CommittedMemory.Pages;
        Storm(2);
        Check.Equal(committed, CommittedMemory.Pages, "committed pages");
        long after = FramesInUse();
        Check.True(after <= before + 64, $"frames in use went from {before} to {after}");
    }

    [MightSleep]
    private static void Storm(int seed)
    {
        for (int round = 0; round < 3; round++)
        {
            int base0 = seed * 100 + round;
            RunOn(4, (space, task) => Weather(space, new Random((base0 * 17) + task), 120));
        }
    }

    [MightSleep]
    private static void Weather(AddressSpace space, Random random, int steps)
    {
        ulong at = Map(space, 64, random.Next(3) == 0 ? SharedAnonymous : Anonymous);
        for (int i = 0; i < steps; i++)
        {
            ulong page = at + ((ulong)random.Next(64) * P);
            ulong bytes = (ulong)random.Next(1, 16) * P;
            switch (random.Next(9))
            {
                case 0:
                    _ = space.Unmap(page, bytes);
                    break;
                case 1:
                    _ = space.Map(page, bytes, Rw, Anonymous | MapFlags.Fixed, default);
                    break;
                case 2:
                    _ = space.Protect(page, bytes, random.Next(2) == 0 ? MemoryProtection.Read : Rw);
                    break;
                case 3:
                    _ = space.Advise(page, bytes, MemoryAdvice.DontNeed);
                    break;
                case 4:
                    _ = space.Remap(page, bytes, (ulong)random.Next(1, 16) * P, RemapFlags.MayMove, 0);
                    break;
                case 5 when i % 4 == 0:
                    if (space.TryFork(out AddressSpace? child) == Errno.Ok)
                    {
                        _ = child!.WriteRemote(page, [1, 2, 3]);
                        child.ReleaseUser();
                    }

                    break;
                default:
                    // Whether it can be written depends on the weather.
                    _ = UserMemory.TryWrite(page + (8 * (ulong)random.Next(500)), (ulong)i);
                    _ = UserMemory.TryRead(page, out ulong _);
                    break;
            }
        }
    }
}
