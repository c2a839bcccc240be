using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Testing;

namespace LoadableEverything;

/// <summary>The kernel and CoreLib call objects of the module by interfaces that the module itself never calls.</summary>
internal static class InterfaceParts
{
    public static void Sequences()
    {
        var words = new Words("one", "two", "three");
        Check.Equal("one-two-three", string.Join('-', words.AsEnumerable().Select(w => (object)w)));
        Check.Equal("onetwothree", string.Concat((IEnumerable<string>)words));
        Check.Equal(2, words.Disposed);
        Check.Equal(3, new List<string>(words).Count);
        Check.Equal("three", (string?)new ArrayList(words)[2]);
        var call = new Call(words);
        call.ExpectArguments(3, 3);
        Check.Throws<CommandUsageException>(() => call.ExpectArguments(0, 2));
    }

    public static void Comparisons()
    {
        Ranked[] ranks = [new Ranked(3), new Ranked(1), new Ranked(2)];
        Array.Sort(ranks);
        Check.Equal(1, ranks[0].Rank);
        object[] objects = [new Ranked(9), new Ranked(4)];
        Array.Sort(objects);
        Check.Equal(4, ((Ranked)objects[0]).Rank);
        Array.Sort(objects, new Backwards());
        Check.Equal(9, ((Ranked)objects[0]).Rank);
        Check.True(StructuralComparisons.StructuralEqualityComparer.Equals(new Ranked(4), objects[1]));
        Check.Equal(1, ranks.ToList().IndexOf(new Ranked(2)));
        var named = new Dictionary<string, object>(new FirstLetter()) { ["apple"] = ranks };
        Check.True(named.ContainsKey("avocado"));
        Check.False(named.ContainsKey("pear"));
    }

    public static void Formats()
    {
        Check.Equal("rank 5 as x", string.Format(CultureInfo.InvariantCulture, "{0:x}", (object)new Ranked(5)));
        Check.Equal("<7> <ab>", string.Format(new Bracketing(), "{0} {1}", 7, "ab"));
        Check.Equal("Key { Number = 1, Text = t }", string.Create(CultureInfo.InvariantCulture, $"{(object)new Key(1, "t")}"));
    }

    public static void Callbacks()
    {
        using var done = new ManualResetEventSlim();
        ThreadPool.UnsafeQueueUserWorkItem(new Work(done), preferLocal: false);
        Check.True(done.Wait(TimeSpan.FromSeconds(20)));
        Check.Equal(11, new ValueTask<int>(new Source(11), 3).AsTask().GetAwaiter().GetResult());
        Check.Equal("late", Lazily(new Lazy<string>(() => "late")));

        static string Lazily(object lazy) => ((Lazy<string>)lazy).Value;
    }

    // Of each type there is one Type object, whoever asks for it.
    public static void TypeObjects()
    {
        Check.True(ReferenceEquals(Asked(typeof(string)), Asked("text".GetType())));
        Check.True(ReferenceEquals(Asked(typeof(int)), Asked(new Ranked(1).Rank.GetType())));
        Check.True(ReferenceEquals(Asked(typeof(List<string>)), Asked(new List<string>().GetType())));
        Check.True(ReferenceEquals(Asked(typeof(Key)), Asked(((object)new Key(1, "")).GetType())));
        Check.Equal((int)TypeCode.Int32, (int)Type.GetTypeCode(Asked(typeof(int))));

        static Type Asked(Type type) => type;
    }

    public static void OwnStructures()
    {
        object boxed = new Key(4, "four");
        Check.True(boxed is IComparable<Key> and IEquatable<Key>);
        Check.True(boxed.Equals(new Key(4, "four")));
        Check.Equal(4, new List<IHolder<Key>> { new Holder(new Key(4, "four")) }[0].Held.Number);
        IEnumerable keys = new List<Key> { new(1, "a"), new(2, "b") };
        Check.Equal(2, keys.Cast<object>().Count());
        Array array = new Key[] { new(1, "a"), new(2, "b") };
        Check.Equal(2, ((IList<Key>)array).Count);
        Check.Equal(1, Array.IndexOf(array, new Key(2, "b")));
        Check.True(((IStructuralEquatable)array).Equals(new Key[] { new(1, "a"), new(2, "b") }, EqualityComparer<object>.Default));
    }

    // The kernel counts the arguments.
    private sealed class Call(Words words) : CommandContext
    {
        public override IReadOnlyList<string> Arguments => words;

        public override int Columns => 80;

        public override void Write(string text) => throw new NotSupportedException();

        public override (int Columns, int Rows) MeasureTerminal() => throw new NotSupportedException();

        public override bool ReadKey(out CosmosKernel.Modules.Commands.Key key, ulong deadline) => throw new NotSupportedException();
    }

    private interface IHolder<T>
    {
        T Held { get; }
    }

    private sealed record Holder(Key Held) : IHolder<Key>;

    private sealed class Ranked(int rank) : IComparable<Ranked>, IComparable, IEquatable<Ranked>, IFormattable, IStructuralEquatable
    {
        public int Rank => rank;

        public int CompareTo(Ranked? other) => rank.CompareTo(other?.Rank);

        int IComparable.CompareTo(object? other) => CompareTo((Ranked?)other);

        public bool Equals(Ranked? other) => rank == other?.Rank;

        public override bool Equals(object? other) => Equals(other as Ranked);

        public override int GetHashCode() => rank;

        bool IStructuralEquatable.Equals(object? other, IEqualityComparer comparer) => Equals(other);

        int IStructuralEquatable.GetHashCode(IEqualityComparer comparer) => rank;

        public string ToString(string? format, IFormatProvider? provider) => $"rank {rank} as {format}";
    }

    private sealed class Backwards : IComparer
    {
        public int Compare(object? left, object? right) => Comparer.DefaultInvariant.Compare(right, left);
    }

    private sealed class FirstLetter : IEqualityComparer<string>
    {
        public bool Equals(string? left, string? right) => left?[0] == right?[0];

        public int GetHashCode(string text) => text[0];
    }

    private sealed class Bracketing : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? wanted) => wanted == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? value, IFormatProvider? provider) => $"<{value}>";
    }

    private sealed class Work(ManualResetEventSlim done) : IThreadPoolWorkItem
    {
        public void Execute() => done.Set();
    }

    private sealed class Source(int result) : IValueTaskSource<int>
    {
        public int GetResult(short token) => result;

        public ValueTaskSourceStatus GetStatus(short token) => token == 3 ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => continuation(state);
    }

    // A collection that is one by all of its interfaces.
    private sealed class Words(params string[] words) : IReadOnlyList<string>, ICollection<string>, ICollection
    {
        public int Disposed { get; private set; }

        public int Count => words.Length;

        public bool IsReadOnly => true;

        public bool IsSynchronized => false;

        public object SyncRoot => this;

        public string this[int index] => words[index];

        public IEnumerable<string> AsEnumerable() => new Each(this);

        public void Add(string item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();

        public bool Contains(string item) => words.Contains(item);

        public void CopyTo(string[] array, int index) => words.CopyTo(array, index);

        public bool Remove(string item) => throw new NotSupportedException();

        public void CopyTo(Array array, int index) => words.CopyTo(array, index);

        public IEnumerator<string> GetEnumerator() => new Cursor(this);

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private sealed class Each(Words words) : IEnumerable<string>
        {
            public IEnumerator<string> GetEnumerator() => new Cursor(words);

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }

        private sealed class Cursor(Words words) : IEnumerator<string>
        {
            private int _at = -1;

            public string Current => words[_at];

            object IEnumerator.Current => Current;

            public bool MoveNext() => ++_at < words.Count;

            public void Reset() => _at = -1;

            public void Dispose() => words.Disposed++;
        }
    }
}
