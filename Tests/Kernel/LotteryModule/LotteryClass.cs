using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Samples.Lottery;

/// <summary>
/// Lottery scheduling (Waldspurger, Weihl, "Lottery Scheduling: Flexible Proportional-Share Resource Management", OSDI 1994): each task has tickets,
/// and at each turn a drawn ticket decides who runs. So a task gets the CPU in proportion to its tickets, without any account of the past.
/// A worked example of a class that a module brings; docs/scheduling-class.md walks through it.
/// </summary>
public sealed class LotteryClass : SchedulingClass
{
    /// <summary>The rank of this class: behind the fair class, so that what it does disturbs nobody.</summary>
    public const int DefaultRank = 20;

    /// <summary>How long the winner of a draw runs, in nanoseconds.</summary>
    public const ulong Turn = 1_000_000;

    /// <summary>The most tickets that a task can have.</summary>
    public const int MostTickets = 1_000_000;

    private readonly ulong _seed;

    /// <summary>Makes the policy.</summary>
    /// <param name="seed">Decides what is drawn, on each CPU something else.</param>
    /// <param name="rank">Its place among the classes.</param>
    public LotteryClass(ulong seed, int rank = DefaultRank)
        : base("lottery", rank)
    {
        _seed = seed;
    }

    /// <summary>Parameters for a task with so many tickets.</summary>
    public SchedulingParameters Tickets(int count) => SchedulingParameters.Of(this, count);

    /// <summary>How often a task that this class schedules won a draw.</summary>
    public long DrawsOf(TaskStruct task) => (EntityOf(task) as LotteryEntity)?.Draws ?? 0;

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new LotteryQueue(_seed + (ulong)cpu);

    /// <inheritdoc/>
    public override SchedulingEntity CreateEntity(TaskStruct task) => new LotteryEntity(task);

    /// <inheritdoc/>
    public override void Validate(in SchedulingParameters parameters)
    {
        if (parameters.Share is < 1 or > MostTickets)
        {
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters.Share, $"A task has 1 to {MostTickets} tickets.");
        }
    }

    /// <inheritdoc/>
    public override void Configure(SchedulingEntity entity, in SchedulingParameters parameters) => (entity as LotteryEntity)!.Tickets = parameters.Share;
}

/// <summary>A task with its tickets, and its place in the tree of its queue.</summary>
[GuardedBy(typeof(RunQueue), "Lock")]
[RequiresLock(typeof(RunQueue), "Lock")]
internal sealed class LotteryEntity(TaskStruct task) : SchedulingEntity(task)
{
    /// <summary>How many it has.</summary>
    public int Tickets { get; set; }

    /// <summary>How often one of them was drawn.</summary>
    [GuardedBy(typeof(RunQueue), "Lock", LockFreeReads = true)]
    public long Draws { get; set; }

    /// <summary>Those of all below it in the tree and its own.</summary>
    public long Sum { get; set; }

    /// <summary>How many are below it, itself included.</summary>
    public int Size { get; set; }

    public LotteryEntity? Parent { get; set; }

    public LotteryEntity? Left { get; set; }

    public LotteryEntity? Right { get; set; }
}

/// <summary>
/// One CPU's tasks: a binary tree in which each member knows the tickets below it. What is added goes to the smaller side everywhere, and what fills the
/// place of a removed one is taken from the greater side everywhere; so the two sides of each member differ by one at most, and every way down is O(log n).
/// </summary>
[GuardedBy(typeof(RunQueue), "Lock")]
[RequiresLock(typeof(RunQueue), "Lock")]
internal sealed class LotteryQueue(ulong seed) : ClassQueue
{
    private LotteryEntity? _root;
    private LotteryEntity? _winner;
    private ulong _left;

    // Never 0: xorshift64* (Vigna 2016) would stay there.
    private ulong _random = (seed * 0x9E3779B97F4A7C15) | 1;

    public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
    {
        LotteryEntity comes = (entity as LotteryEntity)!;
        comes.Left = null;
        comes.Right = null;
        comes.Size = 1;
        comes.Sum = comes.Tickets;
        LotteryEntity? parent = null;
        LotteryEntity? at = _root;
        while (at is not null)
        {
            parent = at;
            at.Size++;
            at.Sum += comes.Tickets;
            at = GoesLeft(at) ? at.Left : at.Right;
        }

        comes.Parent = parent;
        if (parent is null)
        {
            _root = comes;
        }
        else if (parent.Left is null)
        {
            parent.Left = comes;
        }
        else
        {
            parent.Right = comes;
        }
    }

    public override void Dequeue(SchedulingEntity entity)
    {
        LotteryEntity goes = (entity as LotteryEntity)!;
        if (ReferenceEquals(_winner, goes))
        {
            _winner = null;
        }

        // A leaf, on the greater side everywhere, takes the place.
        LotteryEntity leaf = _root!;
        while (leaf.Size > 1)
        {
            leaf.Size--;
            leaf = SizeOf(leaf.Left) > SizeOf(leaf.Right) || leaf.Right is null ? leaf.Left! : leaf.Right;
        }

        for (LotteryEntity? above = leaf.Parent; above is not null; above = above.Parent)
        {
            above.Sum -= leaf.Tickets;
        }

        Replace(leaf, null);
        if (ReferenceEquals(leaf, goes))
        {
            return;
        }

        leaf.Left = goes.Left;
        leaf.Right = goes.Right;
        leaf.Size = goes.Size;
        if (leaf.Left is { } left)
        {
            left.Parent = leaf;
        }

        if (leaf.Right is { } right)
        {
            right.Parent = leaf;
        }

        Replace(goes, leaf);
        leaf.Sum = goes.Sum - goes.Tickets + leaf.Tickets;
        for (LotteryEntity? above = leaf.Parent; above is not null; above = above.Parent)
        {
            above.Sum += leaf.Tickets - goes.Tickets;
        }
    }

    public override SchedulingEntity? PickNext()
    {
        if (_winner is null || _left == 0)
        {
            _winner = Draw();
            _left = LotteryClass.Turn;
            _winner.Draws++;
        }

        return _winner;
    }

    public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now) => _left -= nanoseconds < _left ? nanoseconds : _left;

    public override void Yield(SchedulingEntity entity) => _left = 0;

    public override ulong SliceLeft(SchedulingEntity entity) => Count == 1 ? NoSlice : _left;

    public override bool SliceExpired(SchedulingEntity entity) => _left == 0;

    public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => false;

    public override SchedulingEntity? FindMovable(int cpu, TaskStruct running)
    {
        // The way down to one leaf is as good as any other.
        for (LotteryEntity? at = _root; at is not null; at = GoesLeft(at) ? at.Right : at.Left)
        {
            if (!ReferenceEquals(at.Task, running) && at.Task.AllowedCpus.Contains(cpu))
            {
                return at;
            }
        }

        return null;
    }

    private LotteryEntity Draw()
    {
        LotteryEntity at = _root!;
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;

        // The upper 32 bits, scaled to the tickets: without the bias of a remainder, as far as 32 bits go.
        long ticket = (long)((((_random * 0x2545F4914F6CDD1D) >> 32) * (ulong)at.Sum) >> 32);
        while (true)
        {
            long left = at.Left?.Sum ?? 0;
            if (ticket < left)
            {
                at = at.Left!;
            }
            else if (ticket < left + at.Tickets)
            {
                return at;
            }
            else
            {
                ticket -= left + at.Tickets;
                at = at.Right!;
            }
        }
    }

    private void Replace(LotteryEntity entity, LotteryEntity? by)
    {
        LotteryEntity? parent = entity.Parent;
        if (by is not null)
        {
            by.Parent = parent;
        }

        if (parent is null)
        {
            _root = by;
        }
        else if (ReferenceEquals(parent.Left, entity))
        {
            parent.Left = by;
        }
        else
        {
            parent.Right = by;
        }
    }

    private static int SizeOf(LotteryEntity? entity) => entity?.Size ?? 0;

    private static bool GoesLeft(LotteryEntity entity) => SizeOf(entity.Left) <= SizeOf(entity.Right);
}
