using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>The tree of areas beside a sorted list: order, neighbours, largest gaps, and both searches for a gap.</summary>
public sealed class AreaTreeTests : SpaceFixture
{
    private const ulong End = 4096 * AddressSpace.PageBytes;

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void FindsWhatAListFinds(int seed)
    {
        Random random = new(seed);
        AreaTree tree = new();
        List<MemoryArea> list = [];
        for (int step = 0; step < 3000; step++)
        {
            ulong start = (ulong)random.Next(4000) * P;
            ulong bytes = (ulong)random.Next(1, 20) * P;
            if (random.Next(3) != 0 && !list.Any(other => other.Start < start + bytes && start < other.End))
            {
                MemoryArea area = new(Space) { Protection = MemoryProtection.Read, Flags = random.Next(40) == 0 ? AreaFlags.GrowsDown : AreaFlags.None };
                area.Place(start, start + bytes, 0);
                tree.Insert(area);
                list.Add(area);
                list.Sort((a, b) => a.Start.CompareTo(b.Start));
            }
            else if (list.Count > 0)
            {
                MemoryArea area = list[random.Next(list.Count)];
                if (random.Next(2) == 0 && area.Bytes > P)
                {
                    area.Resize(area.Start, area.End - P);
                    tree.Changed(area);
                }
                else
                {
                    tree.Remove(area);
                    list.Remove(area);
                }
            }

            Compare(tree, list, random);
        }
    }

    private static void Compare(AreaTree tree, List<MemoryArea> list, Random random)
    {
        Assert.Equal(list.Count, tree.Count);
        Check(tree.Root);
        ulong at = (ulong)random.Next(4096) * P;
        Assert.Same(list.FirstOrDefault(area => area.End > at), tree.FindFrom(at));
        ulong bytes = (ulong)random.Next(1, 60) * P;
        ulong low = (ulong)random.Next(2000) * P;
        ulong high = low + ((ulong)random.Next(2000) * P);
        List<(ulong From, ulong To)> gaps = Gaps(list, low, high).Where(gap => gap.To > gap.From && gap.To - gap.From >= bytes).ToList();
        Assert.Equal(gaps.Count > 0, tree.TryFindLowest(bytes, low, high, out ulong lowest));
        Assert.Equal(gaps.Count > 0, tree.TryFindHighest(bytes, low, high, out ulong highest));
        if (gaps.Count > 0)
        {
            Assert.Equal(gaps[0].From, lowest);
            Assert.Equal(gaps[^1].To - bytes, highest);
        }
    }

    private static IEnumerable<(ulong From, ulong To)> Gaps(List<MemoryArea> list, ulong low, ulong high)
    {
        ulong from = 0;
        foreach (MemoryArea area in list)
        {
            yield return (Math.Max(from, low), Math.Min(area.GapEnd, high));
            from = area.End;
        }

        yield return (Math.Max(from, low), Math.Min(End, high));
    }

    // Order, priorities and sums of the subtree.
    private static ulong Check(MemoryArea? node)
    {
        if (node is null)
        {
            return 0;
        }

        Assert.True(node.Left is null || (node.Left.Parent == node && node.Left.Start < node.Start && node.Left.Priority <= node.Priority));
        Assert.True(node.Right is null || (node.Right.Parent == node && node.Right.Start > node.Start && node.Right.Priority <= node.Priority));
        Assert.True(node.Next is null || node.Next.Previous == node);
        ulong largest = Math.Max(node.Gap, Math.Max(Check(node.Left), Check(node.Right)));
        Assert.Equal(largest, node.LargestGap);
        return largest;
    }
}
