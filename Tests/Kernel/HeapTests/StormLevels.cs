using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Tests.Heap;

/// <summary>
/// Measurements of the heap between the phases of a storm, each after a collection while the storm's tasks wait. What is looked at is what the heap has beyond what the tasks hold on purpose, of which
/// the tasks themselves keep account: so neither the size of their working sets, which is random and varies by several percent, nor what was allocated since the collection counts.
/// What is left is objects that nobody wants and free cells between others, and the mean of the last third of the measurements is compared with that of the first.
/// </summary>
[TaskPrivate]
internal sealed class StormLevels
{
    /// <summary>Measurements that there is room for without growing.</summary>
    public const int Capacity = 300;

    /// <summary>By how many objects the heap may grow: a word on a stack that looks like a reference keeps one of the tasks' trees now and then, of up to 72 objects.</summary>
    public const double GrowthInObjectsLimit = 100;

    private const int Least = 24;
    private const double Tolerance = 0.05;

    private readonly List<Sample> _samples = new(Capacity + Least);

    /// <summary>There are enough measurements for a comparison.</summary>
    public bool IsComplete => _samples.Count >= Least;

    /// <summary>Mean of the bytes that the heap held.</summary>
    public double Committed => Mean(0, _samples.Count, sample => sample.Committed);

    /// <summary>By how many bytes the heap has grown beyond what the tasks hold.</summary>
    public double Growth => Difference(sample => sample.Bytes);

    /// <summary>By how many bytes it may grow.</summary>
    public double GrowthLimit => Committed * Tolerance;

    /// <summary>By how many objects the heap has grown beyond what the tasks hold.</summary>
    public double GrowthInObjects => Difference(sample => sample.Objects);

    /// <summary>Rounds of each task.</summary>
    public int Rounds => _samples[^1].Rounds;

    /// <summary>Adds a measurement.</summary>
    /// <param name="heap">The heap after a collection.</param>
    /// <param name="held">What the tasks hold on purpose.</param>
    /// <param name="rounds">Rounds that each task has made.</param>
    public void Add(in HeapStatistics heap, (long Objects, long Bytes) held, int rounds) =>
        _samples.Add(new Sample((long)heap.LiveObjects - held.Objects, (long)heap.CommittedBytes - held.Bytes, (long)heap.CommittedBytes, rounds));

    private double Difference(Func<Sample, long> value)
    {
        int third = _samples.Count / 3;
        return Mean(_samples.Count - third, third, value) - Mean(0, third, value);
    }

    private double Mean(int start, int count, Func<Sample, long> value)
    {
        double sum = 0;
        foreach (Sample sample in _samples.GetRange(start, count))
        {
            sum += value(sample);
        }

        return sum / count;
    }

    [Immutable]
    private readonly record struct Sample(long Objects, long Bytes, long Committed, int Rounds);
}
