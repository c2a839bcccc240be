using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.Locks;

/// <summary>What happened, in order, noted by many tasks at once and without any lock, so that noting changes nothing in what is tested.</summary>
internal sealed class Notes
{
    [Protocol("Each slot is written once, by who drew its number, and read when all who write have been joined.")]
    private readonly string[] _notes = new string[256];

    [Atomic]
    private int _count;

    public int Count => Math.Min(Volatile.Read(ref _count), _notes.Length);

    public void Add(string note) => _notes[Interlocked.Increment(ref _count) - 1] = note;

    public ReadOnlySpan<string> ToArray() => _notes.AsSpan(0, Count);
}
