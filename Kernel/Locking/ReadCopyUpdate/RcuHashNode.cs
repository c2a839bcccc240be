using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.ReadCopyUpdate;

/// <summary>What can be in an <see cref="RcuHashMap{TKey, T, TGuard}"/>: in one at a time. The key does not change while it is.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The class derived from this.</typeparam>
public abstract class RcuHashNode<TKey, T>
    where TKey : notnull, IEquatable<TKey>
    where T : RcuHashNode<TKey, T>
{
    private const string Discipline = "Written with release under the writers' lock, read with acquire by anybody; handed out by reference for that.";

    // One link for each of two tables: while readers of an old table are still on their way, an element is in both. They follow them without a lock.
    [Protocol(Discipline)]
    private T? _link0;

    [Protocol(Discipline)]
    private T? _link1;

    /// <summary>Makes an element.</summary>
    protected RcuHashNode(TKey key)
    {
        Key = key;
    }

    /// <summary>What it is found by.</summary>
    public TKey Key { get; }

    /// <summary>The map that it is in.</summary>
    [Protocol("Guarded by the writers' lock of the map that the element is in.")]
    internal object? Map { get; set; }

    internal ref T? Link(int number) => ref number == 0 ? ref _link0 : ref _link1;
}
