using System;
using System.Linq;
using System.Reflection;
using System.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Locking.Validation;
using Xunit;

namespace CosmosKernel.Machine.Tests;

/// <summary>The lock validator's graph, and the run-time copy of the declared lock classes.</summary>
public sealed class LockGraphTests
{
    private readonly Holder _holder = new();

    [Fact]
    public void APairIsKnownAndInTheGraphOnceItWasAdded()
    {
        Assert.False(_holder.Graph.IsKnown(3, 70));
        Assert.True(Add(3, 70));
        Assert.True(_holder.Graph.IsKnown(3, 70));
        Assert.True(_holder.Graph.HasEdge(3, 70));
        Assert.False(_holder.Graph.HasEdge(70, 3));
        Assert.Equal((3, 70), (_holder.Graph.FindEdge(3, 70).From, _holder.Graph.FindEdge(3, 70).To));
    }

    [Fact]
    public void AReportedPairIsKnownAndNotInTheGraph()
    {
        _holder.Graph.SetKnown(1, 2);
        Assert.True(_holder.Graph.IsKnown(1, 2));
        Assert.False(_holder.Graph.FindPath(1, 2));
    }

    [Fact]
    public void ThePathIsAShortestOneInTheOrderOfTaking()
    {
        Add(1, 2);
        Add(2, 3);
        Add(3, 4);
        Add(1, 9);
        Add(9, 4);
        Assert.True(_holder.Graph.FindPath(1, 4));
        Assert.Equal([1, 9, 4], Path());
        Assert.False(_holder.Graph.FindPath(4, 1));
        Assert.Equal(0, _holder.Graph.PathLength);
    }

    [Fact]
    public void UsageIsFoundForwardsAndBackwardsThroughOthers()
    {
        Add(10, 11);
        Add(11, 12);
        _holder.Graph.AddUsage(10, LockUsage.InInterrupt, default);
        _holder.Graph.AddUsage(12, LockUsage.InterruptsOn, default);
        Assert.Equal(12, _holder.Graph.FindAfter(10, LockUsage.InterruptsOn));
        Assert.Equal([10, 11, 12], Path());
        Assert.Equal(10, _holder.Graph.FindBefore(12, LockUsage.InInterrupt));
        Assert.Equal([10, 11, 12], Path());
        Assert.Equal(-1, _holder.Graph.FindAfter(12, LockUsage.InInterrupt));
        Assert.Equal(10, _holder.Graph.FindAfter(10, LockUsage.InInterrupt));
    }

    [Fact]
    public void AForgottenClassIsNew()
    {
        Add(5, 6);
        Add(6, 7);
        Add(5, 7);
        _holder.Graph.AddUsage(6, LockUsage.InInterrupt, default);
        _holder.Graph.Forget(6);
        Assert.False(_holder.Graph.IsKnown(5, 6));
        Assert.False(_holder.Graph.IsKnown(6, 7));
        Assert.True(_holder.Graph.HasEdge(5, 7));
        Assert.Equal(1, _holder.Graph.EdgeCount);
        Assert.Equal(LockUsage.None, _holder.Graph.Usage(6));
    }

    [Fact]
    public void WhatDoesNotFitIsKnownAndSaidNotToFit()
    {
        int added = 0;
        int from = 0;
        int to = 1;
        while (Add(from, to))
        {
            added++;
            to++;
            if (to == LockGraph.MaximumClasses)
            {
                from++;
                to = from + 1;
            }
        }

        Assert.Equal(LockGraph.MaximumEdges, added);
        Assert.True(_holder.Graph.IsKnown(from, to));
        Assert.False(_holder.Graph.HasEdge(from, to));
    }

    /// <summary>A random order without circles never has a path backwards; closing one has, and the path leads from end to end by pairs of the graph.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PathsAgreeWithASearchByHand(int seed)
    {
        const int classes = 60;
        var random = new Random(seed);
        bool[,] reach = new bool[classes, classes];
        for (int i = 0; i < 150; i++)
        {
            int from = random.Next(classes - 1);
            int to = random.Next(from + 1, classes);
            if (!_holder.Graph.IsKnown(from, to))
            {
                Add(from, to);
            }

            reach[from, to] = true;
        }

        for (int via = 0; via < classes; via++)
        {
            for (int from = 0; from < classes; from++)
            {
                for (int to = 0; to < classes; to++)
                {
                    reach[from, to] |= reach[from, via] && reach[via, to];
                }
            }
        }

        for (int from = 0; from < classes; from++)
        {
            for (int to = 0; to < classes; to++)
            {
                Assert.Equal(from == to || reach[from, to], _holder.Graph.FindPath(from, to));
                int[] path = Path();
                for (int i = 0; i + 1 < path.Length; i++)
                {
                    Assert.True(_holder.Graph.HasEdge(path[i], path[i + 1]));
                }
            }
        }
    }

    [Fact]
    public void DeclaredClassesHaveTheirNamesAndNestingAtRunTime()
    {
        foreach (FieldInfo field in typeof(LockClass).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var lockClass = (LockClass)field.GetRawConstantValue()!;
            if (lockClass == LockClass.DeclaredCount)
            {
                continue;
            }

            Assert.Equal(field.Name, Encoding.ASCII.GetString(DeclaredLockClasses.NameOf(lockClass)));
            Assert.Equal(field.GetCustomAttribute<NestsAscendingAttribute>() is not null, DeclaredLockClasses.NestsAscending(lockClass));
        }
    }

    [Fact]
    public void ANameIsOneClassAndAnotherNameAnotherOne()
    {
        LockClass first = LockClasses.Register("host test a");
        Assert.Equal(first, LockClasses.Register("host test a"));
        Assert.NotEqual(first, LockClasses.Register("host test b", nestsAscending: true));
        Assert.True(first > LockClass.DeclaredCount || first == LockClass.DeclaredCount);
        Assert.Equal("host test a", LockClasses.NameOf(first));
        Assert.False(LockClasses.NestsAscending(first));
        Assert.True(LockClasses.NestsAscending(LockClasses.Register("host test b")));
    }

    private bool Add(int from, int to) => _holder.Graph.AddEdge(from, to, default, default);

    private int[] Path() => [.. Enumerable.Range(0, _holder.Graph.PathLength).Select(i => _holder.Graph.Path(i))];

    // The graph is some hundred kilobytes: on the heap and not on a test's stack.
    private sealed class Holder
    {
        public LockGraph Graph;
    }
}
