using System;
using CosmosKernel.Files.Locks;
using Xunit;

namespace CosmosKernel.Files.Tests;

/// <summary>Locks of ranges beside an array that says for each byte who has it.</summary>
public sealed class RangeLockTests
{
    private const int Bytes = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranges_split_join_and_exclude_as_if_each_byte_had_its_own_lock(int seed)
    {
        var random = new Random(seed);
        var list = new RangeLockList();
        object[] owners = ["a", "b", "c"];
        var model = new FileLockAccess[owners.Length, Bytes];
        for (int step = 0; step < 4_000; step++)
        {
            int who = random.Next(owners.Length);
            var access = (FileLockAccess)random.Next(3);
            int start = random.Next(Bytes);
            int end = random.Next(8) == 0 ? Bytes - 1 : random.Next(start, Bytes);
            long realEnd = end == Bytes - 1 ? long.MaxValue : end;
            bool conflicts = false;
            for (int other = 0; other < owners.Length; other++)
            {
                for (int at = start; other != who && at <= end; at++)
                {
                    FileLockAccess there = model[other, at];
                    conflicts |= there != FileLockAccess.None && access != FileLockAccess.None && (there == FileLockAccess.Write || access == FileLockAccess.Write);
                }
            }

            RangeLock? found = access == FileLockAccess.None ? null : list.FindConflict(owners[who], access, start, realEnd);
            Assert.Equal(conflicts, found is not null);
            if (found is not null)
            {
                continue;
            }

            list.Set(owners[who], who, access, start, realEnd);
            for (int at = start; at <= end; at++)
            {
                model[who, at] = access;
            }

            Compare(list, owners, model);
            foreach (OwnedRanges owned in list.Owners)
            {
                InOrder(owned.All);
            }
        }
    }

    [Fact]
    public void Neighbours_of_one_kind_become_one_lock()
    {
        var list = new RangeLockList();
        object owner = new();
        list.Set(owner, 1, FileLockAccess.Read, 0, 9);
        list.Set(owner, 1, FileLockAccess.Read, 20, 29);
        list.Set(owner, 1, FileLockAccess.Read, 10, 19);
        Assert.Equal(1, list.Owners[0].All.Length);
        list.Set(owner, 1, FileLockAccess.Write, 5, 5);
        Assert.Equal(3, list.Owners[0].All.Length);
        list.Set(owner, 1, FileLockAccess.None, 0, long.MaxValue);
        Assert.False(list.Any);
    }

    private static void InOrder(ReadOnlySpan<RangeLock> locks)
    {
        Assert.NotEqual(0, locks.Length);
        for (int i = 1; i < locks.Length; i++)
        {
            bool touches = locks[i - 1].End == locks[i].Start - 1;
            Assert.True(locks[i - 1].End < locks[i].Start, $"{locks[i - 1]} and {locks[i]}");
            Assert.False(touches && locks[i - 1].Access == locks[i].Access, $"{locks[i - 1]} and {locks[i]} should be one");
        }
    }

    // What a stranger would be refused, byte by byte, is what the model says.
    private static void Compare(RangeLockList list, object[] owners, FileLockAccess[,] model)
    {
        object stranger = new();
        for (int at = 0; at < Bytes; at++)
        {
            bool isRead = false;
            bool isWritten = false;
            for (int who = 0; who < owners.Length; who++)
            {
                isRead |= model[who, at] == FileLockAccess.Read;
                isWritten |= model[who, at] == FileLockAccess.Write;
            }

            Assert.Equal(isWritten, list.FindConflict(stranger, FileLockAccess.Read, at, at) is not null);
            Assert.Equal(isWritten || isRead, list.FindConflict(stranger, FileLockAccess.Write, at, at) is not null);
        }
    }
}
