using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Locking.Validation;

/// <summary>
/// Which class of locks was taken while which was held: a directed graph with a node for each class. A cycle in it is a possible deadlock, seen without the deadlock
/// (the idea of Linux's lockdep). Bits tell in one load whether a pair was seen before; only a pair that is new is searched.
/// Not safe for several CPUs by itself, but for the bits of <see cref="IsKnown"/>, which may be read at any time.
/// </summary>
internal struct LockGraph
{
    /// <summary>The most classes.</summary>
    public const int MaximumClasses = 512;

    /// <summary>The most pairs of classes of which one is taken while the other is held.</summary>
    public const int MaximumEdges = 2048;

    private const int Words = MaximumClasses / 64;

    private Matrix _known;
    private Matrix _after;
    private Matrix _before;
    private UsageTable _usage;
    private UsageTraceTable _usageTraces;
    private EdgeTable _edges;
    private int _edgeCount;
    private ClassSet _visited;
    private ClassList _queue;
    private ClassList _parent;
    private ClassList _path;

    /// <summary>Pairs in the graph.</summary>
    public readonly int EdgeCount => _edgeCount;

    /// <summary>Classes on the path that the last search found, ends included.</summary>
    public int PathLength { get; private set; }

    /// <summary>The pair was seen before, and needs no more looking at.</summary>
    public readonly bool IsKnown(int from, int to) => ((_known[(from * Words) + (to >> 6)] >> (to & 63)) & 1) != 0;

    /// <summary>The pair is in the graph.</summary>
    public readonly bool HasEdge(int from, int to) => ((_after[(from * Words) + (to >> 6)] >> (to & 63)) & 1) != 0;

    /// <summary>The pair was seen, and is not put into the graph: it was reported.</summary>
    public void SetKnown(int from, int to) => _known[(from * Words) + (to >> 6)] |= 1ul << (to & 63);

    /// <summary>Adds a pair.</summary>
    /// <param name="from">The class that was held.</param>
    /// <param name="to">The class that was taken.</param>
    /// <param name="held">Where the first was taken.</param>
    /// <param name="taken">Where the second was taken.</param>
    /// <returns>False when the table is full: the pair is known from now on, and not in the graph.</returns>
    public bool AddEdge(int from, int to, in CallTrace held, in CallTrace taken)
    {
        SetKnown(from, to);
        if (_edgeCount == MaximumEdges)
        {
            return false;
        }

        _edges[_edgeCount++] = new LockEdge { From = (ushort)from, To = (ushort)to, Held = held, Taken = taken };
        _after[(from * Words) + (to >> 6)] |= 1ul << (to & 63);
        _before[(to * Words) + (from >> 6)] |= 1ul << (from & 63);
        return true;
    }

    /// <summary>The record of a pair of the graph; its classes are 0 when there is none.</summary>
    public readonly LockEdge FindEdge(int from, int to)
    {
        for (int i = 0; i < _edgeCount; i++)
        {
            if (_edges[i].From == from && _edges[i].To == to)
            {
                return _edges[i];
            }
        }

        return default;
    }

    /// <summary>A class of the path that the last search found, from 0.</summary>
    public readonly int Path(int index) => _path[index];

    /// <summary>Searches the shortest way from one class to another, along "was taken while held".</summary>
    public bool FindPath(int from, int to) => Search(from, to, LockUsage.None, forwards: true) >= 0;

    /// <summary>The nearest class that was used in one of these ways, among <paramref name="from"/> and those that were taken while it was held, directly or not; -1 when there is none.</summary>
    public int FindAfter(int from, LockUsage usage) => Search(from, -1, usage, forwards: true);

    /// <summary>As <see cref="FindAfter"/>, among those that were held when it was taken. The path is in the order of taking: it ends with <paramref name="from"/>.</summary>
    public int FindBefore(int from, LockUsage usage)
    {
        int found = Search(from, -1, usage, forwards: false);
        for (int i = 0, j = PathLength - 1; i < j; i++, j--)
        {
            (_path[i], _path[j]) = (_path[j], _path[i]);
        }

        return found;
    }

    /// <summary>In which contexts the class was seen.</summary>
    public readonly LockUsage Usage(int lockClass) => (LockUsage)_usage[lockClass];

    /// <summary>Notes that a class was seen in a context.</summary>
    public void AddUsage(int lockClass, LockUsage usage, in CallTrace trace)
    {
        _usage[lockClass] |= (byte)usage;
        _usageTraces[(lockClass * 2) + System.Numerics.BitOperations.TrailingZeroCount((uint)usage)] = trace;
    }

    /// <summary>Where a class was first seen in a context.</summary>
    public readonly CallTrace UsageTrace(int lockClass, LockUsage usage) => _usageTraces[(lockClass * 2) + System.Numerics.BitOperations.TrailingZeroCount((uint)usage)];

    /// <summary>Forgets all about a class, so that another one may have its number.</summary>
    public void Forget(int lockClass)
    {
        for (int i = _edgeCount - 1; i >= 0; i--)
        {
            if (_edges[i].From == lockClass || _edges[i].To == lockClass)
            {
                _edges[i] = _edges[--_edgeCount];
            }
        }

        for (int word = 0; word < Words; word++)
        {
            _known[(lockClass * Words) + word] = 0;
            _after[(lockClass * Words) + word] = 0;
            _before[(lockClass * Words) + word] = 0;
        }

        ulong keep = ~(1ul << (lockClass & 63));
        for (int other = 0; other < MaximumClasses; other++)
        {
            int word = (other * Words) + (lockClass >> 6);
            _known[word] &= keep;
            _after[word] &= keep;
            _before[word] &= keep;
        }

        _usage[lockClass] = 0;
    }

    // Breadth first: the path is a shortest one, which makes the shortest report.
    private int Search(int from, int to, LockUsage usage, bool forwards)
    {
        _visited = default;
        _visited[from >> 6] |= 1ul << (from & 63);
        int head = 0;
        int tail = 0;
        _queue[tail++] = (ushort)from;
        while (head < tail)
        {
            int at = _queue[head++];
            if (at == to || ((LockUsage)_usage[at] & usage) != 0)
            {
                KeepPath(from, at);
                return at;
            }

            for (int word = 0; word < Words; word++)
            {
                ulong next = (forwards ? _after[(at * Words) + word] : _before[(at * Words) + word]) & ~_visited[word];
                _visited[word] |= next;
                while (next != 0)
                {
                    int neighbour = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(next);
                    next &= next - 1;
                    _parent[neighbour] = (ushort)at;
                    _queue[tail++] = (ushort)neighbour;
                }
            }
        }

        PathLength = 0;
        return -1;
    }

    private void KeepPath(int from, int end)
    {
        int length = 1;
        for (int at = end; at != from; at = _parent[at])
        {
            length++;
        }

        PathLength = length;
        for (int at = end; length > 0; at = _parent[at])
        {
            _path[--length] = (ushort)at;
        }
    }

    [InlineArray(MaximumClasses * Words)]
    private struct Matrix
    {
        private ulong _first;
    }

    [InlineArray(Words)]
    private struct ClassSet
    {
        private ulong _first;
    }

    [InlineArray(MaximumClasses)]
    private struct ClassList
    {
        private ushort _first;
    }

    [InlineArray(MaximumClasses)]
    private struct UsageTable
    {
        private byte _first;
    }

    [InlineArray(MaximumClasses * 2)]
    private struct UsageTraceTable
    {
        private CallTrace _first;
    }

    [InlineArray(MaximumEdges)]
    private struct EdgeTable
    {
        private LockEdge _first;
    }
}

/// <summary>One class was taken while another was held.</summary>
internal struct LockEdge
{
    /// <summary>The class that was held.</summary>
    public ushort From;

    /// <summary>The class that was taken.</summary>
    public ushort To;

    /// <summary>Where the first was taken.</summary>
    public CallTrace Held;

    /// <summary>Where the second was taken.</summary>
    public CallTrace Taken;
}
