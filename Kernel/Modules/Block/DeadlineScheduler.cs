using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// The scheduler <c>mq-deadline</c> (Linux, Documentation/block/deadline-iosched.rst): ascending by sector in batches of one direction; reads before writes, but writes are not passed over more than
/// twice; what has waited for longer than its direction's time begins the next batch. What follows the chosen one on the disk without a gap goes with it as one request.
/// </summary>
[Owned]
[NoAllocation]
internal sealed class DeadlineScheduler(int maximumSegments, int maximumSectors) : IoScheduler
{
    private const ulong ReadExpires = 500_000_000;
    private const ulong WriteExpires = 5_000_000_000;
    private const int BatchLength = 16;
    private const int WritesStarved = 2;

    private readonly Direction _reads = new(ReadExpires);
    private readonly Direction _writes = new(WriteExpires);

    // What the running batch goes on with; its direction.
    private Bio? _next;
    private Direction? _direction;
    private int _batched;
    private int _starved;

    /// <inheritdoc/>
    public override string Name => DeadlineName;

    /// <inheritdoc/>
    public override void Insert(Bio bio, ulong now)
    {
        Direction direction = bio.Operation == BlockOperation.Read ? _reads : _writes;
        direction.Add(bio);
    }

    /// <inheritdoc/>
    public override Bio? Next(ulong now, out int merged)
    {
        merged = 0;
        Bio? chosen = null;
        if (_direction is { } current && _next is { } next && _batched < BatchLength)
        {
            chosen = next;
        }
        else
        {
            Direction? direction = Choose();
            if (direction is null)
            {
                _direction = null;
                _next = null;
                return null;
            }

            // A late one begins the batch; else it goes on where the last one of this direction ended.
            bool isLate = direction.First is { } first && now - first.Submitted >= direction.Expires;
            chosen = isLate || !ReferenceEquals(_direction, direction) || _next is null ? direction.First : _next;
            _direction = direction;
            _batched = 0;
            current = direction;
        }

        Bio? follower = current.Successor(chosen!);
        current.Remove(chosen!);
        while (follower is not null && chosen!.CanPrecede(follower, maximumSegments, maximumSectors))
        {
            Bio? behind = current.Successor(follower);
            current.Remove(follower);
            chosen.Append(follower);
            merged++;
            follower = behind;
        }

        _next = follower;
        _batched++;
        return chosen;
    }

    private Direction? Choose()
    {
        if (_reads.First is not null && (_writes.First is null || _starved < WritesStarved))
        {
            _starved = _writes.First is null ? 0 : _starved + 1;
            return _reads;
        }

        _starved = 0;
        return _writes.First is null ? null : _writes;
    }

    [Owned]
    private sealed class Direction(ulong expires)
    {
        private readonly OrderedTree<Bio> _bySector = new();
        private Bio? _last;

        public ulong Expires => expires;

        // Who has waited for the longest time.
        public Bio? First { get; private set; }

        public void Add(Bio bio)
        {
            bio.Order();
            _bySector.Add(bio);
            bio.PreviousByDeadline = _last;
            bio.NextByDeadline = null;
            if (_last is { } last)
            {
                last.NextByDeadline = bio;
            }
            else
            {
                First = bio;
            }

            _last = bio;
        }

        public void Remove(Bio bio)
        {
            _bySector.Remove(bio);
            if (bio.PreviousByDeadline is { } previous)
            {
                previous.NextByDeadline = bio.NextByDeadline;
            }
            else
            {
                First = bio.NextByDeadline;
            }

            if (bio.NextByDeadline is { } next)
            {
                next.PreviousByDeadline = bio.PreviousByDeadline;
            }
            else
            {
                _last = bio.PreviousByDeadline;
            }

            bio.NextByDeadline = null;
            bio.PreviousByDeadline = null;
        }

        public Bio? Successor(Bio bio) => _bySector.Successor(bio);
    }
}
