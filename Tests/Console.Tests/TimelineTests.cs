using System.Collections.Generic;
using System.Text.RegularExpressions;
using CosmosKernel.Console.Demo;
using CosmosKernel.Tasks.Scheduling;
using Xunit;

namespace CosmosKernel.Console.Tests;

public sealed class TimelineTests
{
    private static readonly Dictionary<int, int> s_legend = new() { [10] = 0, [11] = 1 };

    [Fact]
    public void EachColumnShowsTheTaskThatHadMostOfIt()
    {
        Timeline timeline = Recorded((0, 10), (24, 11), (40, 10));
        Assert.Equal([10, 10, 11, 11, 10], Sample(timeline, 0, 10, 50, 5));
    }

    [Fact]
    public void TurnsWithinAColumnAddUp()
    {
        // 11 has 3 + 3 of 10, though 10 has the longest turn.
        Timeline timeline = Recorded((0, 11), (3, 10), (7, 11));
        Assert.Equal([11], Sample(timeline, 0, 10, 10, 1));
    }

    [Fact]
    public void NothingIsKnownBeforeTheFirstSwitchAndAfterNow()
    {
        Timeline timeline = Recorded((20, 10));
        Assert.Equal([Timeline.Unknown, Timeline.Unknown, 10, 10, Timeline.Unknown], Sample(timeline, 0, 10, 40, 5));
    }

    [Fact]
    public void WhatRanBeforeThePictureIsRemembered()
    {
        Timeline timeline = Recorded((0, 10), (5, 11), (30, 10));
        timeline.ForgetBefore(20);
        Assert.Equal([11, 10], Sample(timeline, 20, 10, 40, 2));
        Assert.Equal([Timeline.Unknown], Sample(timeline, 0, 4, 40, 1));
    }

    [Fact]
    public void CpusHaveRowsOfTheirOwn()
    {
        var timeline = new Timeline(2);
        timeline.Add(1, [new SwitchRecord(0, 10, 120, SwitchReason.Blocked)]);
        int[] pids = new int[1];
        timeline.Sample(0, 0, 10, 10, pids);
        Assert.Equal([Timeline.Unknown], pids);
        timeline.Sample(1, 0, 10, 10, pids);
        Assert.Equal([10], pids);
    }

    [Fact]
    public void RowsShowLettersDotsAndBlanks()
    {
        string row = TimelinePainter.Row([10, 10, 11, 99, 0, Timeline.Unknown, 10], s_legend);
        Assert.Equal("AAB.  A", Plain(row));
    }

    [Fact]
    public void AColourIsSetOnlyWhereItChanges()
    {
        string row = TimelinePainter.Row([10, 10, 10, 10], s_legend);
        Assert.Equal(3, Regex.Count(row, "\e"));
    }

    [Fact]
    public void TasksHaveDifferentColours() => Assert.NotEqual(TimelinePainter.Key(0).Replace('A', 'X'), TimelinePainter.Key(1).Replace('B', 'X'));

    [Theory]
    [InlineData(26, 1_000_000, "|0        |10       |20 ms")]
    [InlineData(21, 2_000_000, "|0        |20       |")]
    [InlineData(30, 50_000_000, "|0        |500      |1000 ms")]
    public void TheScaleSaysMilliseconds(int columns, ulong span, string scale) => Assert.Equal(scale, TimelinePainter.Scale(columns, span));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 1)]
    [InlineData(7, 2)]
    [InlineData(60, 10)]
    [InlineData(61, 20)]
    [InlineData(900, 50)]
    public void AColumnIsAsLongAsTurnsWant(ulong turn, ulong span) => Assert.Equal(span * 1_000_000, TimelinePainter.Span(turn * 1_000_000));

    private static Timeline Recorded(params (ulong Time, int Pid)[] switches)
    {
        var timeline = new Timeline(1);
        foreach ((ulong time, int pid) in switches)
        {
            timeline.Add(0, [new SwitchRecord(time, pid, 120, SwitchReason.Preempted)]);
        }

        return timeline;
    }

    private static int[] Sample(Timeline timeline, ulong start, ulong span, ulong now, int columns)
    {
        int[] pids = new int[columns];
        timeline.Sample(0, start, span, now, pids);
        return pids;
    }

    private static string Plain(string text) => Regex.Replace(text, "\e\\[[0-9;]*m", "");
}
