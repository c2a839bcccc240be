using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Tracing;

/// <summary>
/// A place in the code that can be watched: while it is on, each pass of it is a record in the ring of its CPU. Off, it costs a load and a branch; what its values cost to compute is spared by asking
/// <see cref="IsEnabled"/> first. Recording: any context but NMI; allocates nothing, takes no lock.
/// </summary>
public sealed class Tracepoint
{
    /// <summary>The most numbers of a record.</summary>
    public const int MostNumbers = 4;

    /// <summary>Bytes of text that a record keeps.</summary>
    public const int LongestText = 16;

    [Immutable]
    private readonly TraceField[] _fields;

    [Atomic]
    private bool _isEnabled;

    internal Tracepoint(string group, string name, int id, TraceField[] fields)
    {
        Group = new string(group.AsSpan());
        Name = new string(name.AsSpan());
        Id = id;
        _fields = fields;
    }

    /// <summary>The folder that it is in: as a rule its module's name.</summary>
    public string Group { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A number that no other has.</summary>
    public int Id { get; }

    /// <summary>Its fields: numbers in the order in which they are given, and the text.</summary>
    public IReadOnlyList<TraceField> Fields => _fields;

    /// <summary>It is on. Any context.</summary>
    public bool IsEnabled
    {
        [NoAllocation]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _isEnabled);
    }

    /// <summary>Records a pass.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long first = 0, long second = 0, long third = 0, long fourth = 0)
    {
        if (IsEnabled)
        {
            TraceRing.Write(this, default, first, second, third, fourth);
        }
    }

    /// <summary>Records a pass with a text, UTF-8.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(ReadOnlySpan<byte> text, long first = 0, long second = 0, long third = 0, long fourth = 0)
    {
        if (IsEnabled)
        {
            TraceRing.Write(this, text, first, second, third, fourth);
        }
    }

    internal void Set(bool enabled) => Volatile.Write(ref _isEnabled, enabled);
}
