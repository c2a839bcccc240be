using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.ReadCopyUpdate;

namespace CosmosKernel.Locking.ReadCopyUpdate;

/// <summary>
/// A map that is read under RCU, without a lock, while others change it and while it grows. Writers exclude each other by a lock of the caller's choice, whose guard is part of the map's type
/// (see <see cref="RcuList{T, TGuard}"/>).
/// <para>
/// Growing: every element has two links. The new table is built with those that the present table does not use, then published by one store; readers of the old table go on in it undisturbed, and the old links are
/// used again only after a grace period. Growing takes memory, so it is a step of its own (<see cref="PrepareGrowth"/>, <see cref="TryInstall"/>); changes take none, and a map that is not grown only gets slower.
/// </para>
/// <para>Idea of the two links: Herbert Xu's resizable hash tables, as told in McKenney, "Is Parallel Programming Hard", chapter 10.</para>
/// </summary>
/// <typeparam name="TKey">The key; its hash code and equality neither allocate nor throw.</typeparam>
/// <typeparam name="T">The elements' class.</typeparam>
/// <typeparam name="TGuard">The guard of the writers' lock.</typeparam>
public sealed class RcuHashMap<TKey, T, TGuard>
    where TKey : notnull, IEquatable<TKey>
    where T : RcuHashNode<TKey, T>
    where TGuard : allows ref struct
{
    private const int SmallestTable = 16;
    private const int LargestTable = 1 << 24;

    [Atomic]
    private Table _table;

    [Protocol("Changed under the writers' lock only; read by anybody.")]
    private int _count;

    // The grace period after which the links are free that the present table does not use; 0: they are.
    [Protocol("Guarded by the writers' lock.")]
    private ulong _linksFreeAfter;

    /// <summary>Makes an empty map. Task context.</summary>
    /// <param name="capacity">Elements for which it need not grow.</param>
    public RcuHashMap(int capacity = SmallestTable)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _table = new Table(TableSize(capacity));
    }

    /// <summary>Elements. Exact under the writers' lock, otherwise outdated at once.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>There are more elements than buckets: growing would make finding faster. Any context.</summary>
    public bool ShouldGrow
    {
        get
        {
            int buckets = Volatile.Read(ref _table).Buckets.Length;
            return Count > buckets && buckets < LargestTable;
        }
    }

    /// <summary>Finds an element. Inside a section of <see cref="Rcu.Read"/>, or with the writers' lock held.</summary>
    [NoAllocation]
    public bool TryFind(TKey key, [MaybeNullWhen(false)] out T element)
    {
        // Acquire, here and at each link: pairs with the releases by which writers publish tables and elements.
        Table table = Volatile.Read(ref _table);
        T? at = Volatile.Read(ref table.FirstOf(key));
        while (at is not null && !at.Key.Equals(key))
        {
            at = Volatile.Read(ref at.Link(table.Link));
        }

        element = at;
        return at is not null;
    }

    /// <summary>Adds an element if there is none with its key.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="element">It is in no map, and was removed from one, if ever, before the last grace period began.</param>
    /// <returns>False when there is one.</returns>
    [NoAllocation]
    public bool TryAdd(scoped in TGuard guard, T element)
    {
        if (element.Map is not null)
        {
            Panic.Now("An element is added to a map under RCU that is in one"u8);
        }

        if (TryFind(element.Key, out _))
        {
            return false;
        }

        element.Map = this;
        Push(Volatile.Read(ref _table), element);
        _count++;
        return true;
    }

    /// <summary>Takes the element with a key out. It may be changed, or added again, after a grace period.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="key">The key.</param>
    /// <param name="element">The element.</param>
    /// <returns>False when there is none.</returns>
    [NoAllocation]
    public bool TryRemove(scoped in TGuard guard, TKey key, [MaybeNullWhen(false)] out T element)
    {
        Table table = Volatile.Read(ref _table);
        ref T? link = ref table.FirstOf(key);
        while (Volatile.Read(ref link) is { } at)
        {
            if (at.Key.Equals(key))
            {
                // Its own link stays: readers that stand on it go on.
                Volatile.Write(ref link, Volatile.Read(ref at.Link(table.Link)));
                at.Map = null;
                _count--;
                element = at;
                return true;
            }

            link = ref at.Link(table.Link);
        }

        element = null;
        return false;
    }

    /// <summary>Makes a table for <see cref="TryInstall"/>, large enough for now. Task context, without the writers' lock, so that it may be a spin lock.</summary>
    public NewTable PrepareGrowth() => new(this, new Table(TableSize(Count + (Count / 2))));

    /// <summary>Replaces the table by a new one, in time proportional to the elements.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="table">What <see cref="PrepareGrowth"/> made; used once.</param>
    /// <returns>False when readers may still be in the table before the present one: try again later.</returns>
    [NoAllocation]
    public bool TryInstall(scoped in TGuard guard, NewTable table)
    {
        Table old = Volatile.Read(ref _table);
        Table next = table.Table;
        if (!ReferenceEquals(table.Map, this) || ReferenceEquals(old, next))
        {
            Panic.Now("A table is installed in a map under RCU that is not for it, or twice"u8);
        }

        if (_linksFreeAfter != 0 && !Rcu.HasElapsed(_linksFreeAfter))
        {
            return false;
        }

        next.Link = 1 - old.Link;
        foreach (ref Bucket bucket in old.Buckets.AsSpan())
        {
            for (T? at = Volatile.Read(ref bucket.First); at is not null; at = Volatile.Read(ref at.Link(old.Link)))
            {
                Push(next, at);
            }
        }

        // Release: readers that find the table find it whole.
        Volatile.Write(ref _table, next);
        _linksFreeAfter = Rcu.TakeTicket();
        return true;
    }

    /// <summary>For <c>foreach</c>: all elements, in no order. Inside a section of <see cref="Rcu.Read"/>, or with the writers' lock held.</summary>
    [NoAllocation]
    public Enumerator GetEnumerator() => new(Volatile.Read(ref _table));

    private static int TableSize(int elements) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(elements, SmallestTable, LargestTable));

    private static void Push(Table table, T element)
    {
        ref T? first = ref table.FirstOf(element.Key);
        Volatile.Write(ref element.Link(table.Link), Volatile.Read(ref first));

        // Release: who finds the element finds it whole.
        Volatile.Write(ref first, element);
    }

    /// <summary>A table that is to replace a map's present one.</summary>
    public sealed class NewTable
    {
        internal NewTable(RcuHashMap<TKey, T, TGuard> map, Table table)
        {
            Map = map;
            Table = table;
        }

        internal RcuHashMap<TKey, T, TGuard> Map { get; }

        internal Table Table { get; }
    }

    /// <summary>Goes through a map. It lives on the stack, and so cannot be kept beyond the section's method.</summary>
    public ref struct Enumerator
    {
        private readonly Table _table;
        private int _bucket;
        private T? _next;

        internal Enumerator(Table table)
        {
            _table = table;
        }

        /// <summary>The element that it stands on.</summary>
        public T Current { get; private set; } = null!;

        /// <summary>Goes to the next element.</summary>
        public bool MoveNext()
        {
            while (_next is null)
            {
                if (_bucket == _table.Buckets.Length)
                {
                    return false;
                }

                _next = Volatile.Read(ref _table.Buckets[_bucket++].First);
            }

            Current = _next;
            _next = Volatile.Read(ref _next.Link(_table.Link));
            return true;
        }
    }

    // A struct, so that storing needs no check of the array's element type.
    internal struct Bucket
    {
        [Protocol("Written with release under the writers' lock, read with acquire by anybody; handed out by reference for that.")]
        public T? First;
    }

    internal sealed class Table(int buckets)
    {
        // Fibonacci hashing: hash codes of numbers are the numbers themselves, and often multiples of something.
        private readonly int _shift = 32 - BitOperations.Log2((uint)buckets);

        [Protocol("The array stays; each bucket's first element is atomic.")]
        public Bucket[] Buckets { get; } = new Bucket[buckets];

        /// <summary>Which of the elements' links it uses. Set before the table is published.</summary>
        [Protocol("Set under the writers' lock before the table is published, never after.")]
        public int Link { get; set; }

        public ref T? FirstOf(TKey key) => ref Buckets[(int)(((uint)key.GetHashCode() * 2654435769u) >> _shift)].First;
    }
}
