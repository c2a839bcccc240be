using System;
using System.Collections.Generic;
using CosmosKernel.Files.Descriptors;
using Xunit;

namespace CosmosKernel.Files.Tests;

/// <summary>Numbers of descriptors beside a sorted set.</summary>
public sealed class DescriptorSlotsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(4096)]
    [InlineData(8192)]
    public void The_lowest_free_number_is_found_whatever_was_taken_and_freed(int capacity)
    {
        var random = new Random(capacity);
        var slots = new DescriptorSlots(capacity);
        var taken = new SortedSet<int>();
        for (int step = 0; step < 15_000; step++)
        {
            int from = random.Next(4) == 0 ? random.Next(capacity) : 0;
            int expected = from;
            while (taken.Contains(expected))
            {
                expected++;
            }

            Assert.Equal(Math.Min(expected, capacity), slots.FindFree(from));
            Assert.Equal(taken.Count == 0 ? 0 : taken.Max + 1, slots.End());
            SortedSet<int> above = taken.GetViewBetween(from, capacity);
            Assert.Equal(above.Count == 0 ? capacity : above.Min, slots.FindTaken(from));
            if (expected < capacity && random.Next(100) < 60)
            {
                slots.Take(expected);
                taken.Add(expected);
            }
            else
            {
                int freed = random.Next(capacity);
                if (taken.Remove(freed))
                {
                    Assert.True(slots.IsTaken(freed));
                    slots.Free(freed);
                    Assert.False(slots.IsTaken(freed));
                }
            }

            if (taken.Count > 300)
            {
                foreach (int number in new List<int>(taken))
                {
                    if (random.Next(3) != 0)
                    {
                        slots.Free(number);
                        taken.Remove(number);
                    }
                }
            }
        }
    }

    [Fact]
    public void Full_words_and_full_groups_of_words_are_skipped()
    {
        var slots = new DescriptorSlots(16_384);
        for (int i = 0; i < 16_384; i++)
        {
            Assert.Equal(i, slots.FindFree(0));
            slots.Take(i);
        }

        Assert.Equal(16_384, slots.FindFree(0));
        slots.Free(9000);
        Assert.Equal(9000, slots.FindFree(3));
        Assert.Equal(16_384, slots.FindFree(9001));
    }

    [Fact]
    public void A_larger_copy_has_the_same_numbers_and_the_new_ones_free()
    {
        var small = new DescriptorSlots(64);
        for (int i = 0; i < 64; i++)
        {
            small.Take(i);
            small.SetCloseOnExec(i, i % 3 == 0);
        }

        var large = new DescriptorSlots(256);
        large.CopyFrom(small, 64);
        Assert.Equal(64, large.FindFree(0));
        for (int i = 0; i < 64; i++)
        {
            Assert.True(large.IsTaken(i));
            Assert.Equal(i % 3 == 0, large.ClosesOnExec(i));
        }
    }
}
