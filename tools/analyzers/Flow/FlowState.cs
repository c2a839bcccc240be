using System;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>What a lock turns off, as <c>LockKind</c> in Kernel/Machine/Locking.</summary>
public enum LockKind
{
    /// <summary>Nothing.</summary>
    Sleeping,

    /// <summary>Preemption.</summary>
    PreemptionOff,

    /// <summary>Interrupts.</summary>
    InterruptsOff,

    /// <summary>Nothing itself, and it is taken where preemption is off.</summary>
    Bare,
}

/// <summary>A lock that is held at a place in a body.</summary>
internal sealed class HeldLock(string key, ISymbol symbol, LockKind kind, bool shared, bool certain, bool onEntry, Location? place, int count)
{
    /// <summary>The lock's path; of a lock that is known by its declaration only, "?" and its number.</summary>
    public string Key { get; } = key;

    /// <summary>The field that is the lock, or the type that turns something off.</summary>
    public ISymbol Symbol { get; } = symbol;

    /// <summary>What it turns off.</summary>
    public LockKind Kind { get; } = kind;

    /// <summary>Perhaps with other readers.</summary>
    public bool Shared { get; } = shared;

    /// <summary>On all paths to this place; else on some.</summary>
    public bool Certain { get; } = certain;

    /// <summary>The caller has taken it.</summary>
    public bool OnEntry { get; } = onEntry;

    /// <summary>Where it was taken.</summary>
    public Location? Place { get; } = place;

    /// <summary>How many times, for what nests.</summary>
    public int Count { get; } = count;

    /// <summary>It is a scope that turns something off, not a lock: it nests, and has no place in the order.</summary>
    public bool IsScope => Symbol is INamedTypeSymbol;

    /// <summary>The same lock, with another certainty or count.</summary>
    public HeldLock With(bool certain, int count) => new(Key, Symbol, Kind, Shared, certain, OnEntry, Place, count);

    /// <summary>Equal for the fixpoint.</summary>
    public bool SameAs(HeldLock other) => Key == other.Key && Certain == other.Certain && Count == other.Count && Shared == other.Shared && OnEntry == other.OnEntry;
}

/// <summary>The locks that are held at a place. Immutable.</summary>
internal sealed class FlowState
{
    private const int DeepestNesting = 4;

    /// <summary>Nothing is held.</summary>
    public static readonly FlowState Empty = new([]);

    private FlowState(ImmutableArray<HeldLock> locks)
    {
        Locks = locks;
    }

    /// <summary>In the order in which they were taken.</summary>
    public ImmutableArray<HeldLock> Locks { get; }

    /// <summary>The lock with this path.</summary>
    public HeldLock? Find(string key)
    {
        foreach (HeldLock held in Locks)
        {
            if (held.Key == key)
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>With one lock more.</summary>
    public FlowState Add(HeldLock taken)
    {
        HeldLock? there = Find(taken.Key);
        if (there is null)
        {
            return new FlowState(Locks.Add(taken));
        }

        return new FlowState(Locks.Replace(there, taken.With(taken.Certain, Math.Min(there.Count + (taken.IsScope ? 1 : 0), DeepestNesting))));
    }

    /// <summary>Without a lock.</summary>
    public FlowState Remove(string key)
    {
        HeldLock? there = Find(key);
        return there is null ? this
            : there.Count > 1 ? new FlowState(Locks.Replace(there, there.With(there.Certain, there.Count - 1)))
            : new FlowState(Locks.Remove(there));
    }

    /// <summary>What holds where two paths meet.</summary>
    public FlowState Merge(FlowState other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        ImmutableArray<HeldLock>.Builder merged = ImmutableArray.CreateBuilder<HeldLock>();
        foreach (HeldLock held in Locks)
        {
            HeldLock? there = other.Find(held.Key);
            merged.Add(there is null ? held.With(false, held.Count) : held.With(held.Certain && there.Certain, Math.Min(held.Count, there.Count)));
        }

        foreach (HeldLock held in other.Locks)
        {
            if (Find(held.Key) is null)
            {
                merged.Add(held.With(false, held.Count));
            }
        }

        return new FlowState(merged.ToImmutable());
    }

    /// <summary>Equal for the fixpoint.</summary>
    public bool SameAs(FlowState other)
    {
        if (Locks.Length != other.Locks.Length)
        {
            return false;
        }

        foreach (HeldLock held in Locks)
        {
            if (other.Find(held.Key) is not { } there || !held.SameAs(there))
            {
                return false;
            }
        }

        return true;
    }
}
