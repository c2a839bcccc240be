using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Strict priorities, and round-robin among equals (POSIX SCHED_RR's rules, sched(7)). A bitmap over the 140 levels finds the most urgent one,
/// a ring a level has its tasks in order. The running task is the head of its ring:
/// preempted by a more urgent one it keeps its place and the rest of its slice; when its slice ends, or when it yields, it goes to the end.
/// A task that woke goes to the end. A task with no equal beside it has no slice, and needs no timer.
/// </summary>
public sealed class PriorityRoundRobinClass : SchedulingClass
{
    /// <summary>The rank of this class.</summary>
    public const int DefaultRank = 16;

    /// <summary>The slice of a task with equals beside it, in nanoseconds.</summary>
    public const ulong TimeSlice = 4_000_000;

    // How many tasks a search for one that may move looks at, so that interrupts are not off for long.
    private const int SearchLimit = 32;

    /// <summary>Makes the policy.</summary>
    public PriorityRoundRobinClass()
        : base("rr", DefaultRank)
    {
    }

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new LevelQueue();

    private sealed class LevelQueue : ClassQueue
    {
        private readonly EntityRing[] _levels = new EntityRing[TaskPriority.Count];
        private ulong _levels0;
        private ulong _levels64;
        private ulong _levels128;

        // The most urgent level with a task; meaningful while there is one.
        private int _first = TaskPriority.Lowest;

        public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
        {
            int level = entity.Task.Priority;
            entity.Level = level;
            if (reason is EnqueueReason.Started or EnqueueReason.Woken || entity.SliceLeft == 0)
            {
                entity.SliceLeft = TimeSlice;
            }

            _levels[level].AddLast(entity);
            Bits(level) |= 1ul << (level & 63);
            if (level < _first)
            {
                _first = level;
            }
        }

        public override void Dequeue(SchedulingEntity entity)
        {
            int level = entity.Level;
            ref EntityRing ring = ref _levels[level];
            ring.Remove(entity);
            if (ring.IsEmpty)
            {
                Bits(level) &= ~(1ul << (level & 63));
                if (level == _first)
                {
                    _first = Math.Min(NextLevel(level), TaskPriority.Lowest);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override SchedulingEntity PickNext() => _levels[_first].Head!;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override void Charge(SchedulingEntity entity, ulong nanoseconds)
        {
            ulong left = entity.SliceLeft;
            entity.SliceLeft = nanoseconds < left ? left - nanoseconds : 0;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override void Yield(SchedulingEntity entity)
        {
            // A new slice, given when it is picked: what passes until the switch is not its time.
            entity.SliceLeft = 0;
            ref EntityRing ring = ref _levels[entity.Level];
            if (ReferenceEquals(ring.Head, entity))
            {
                ring.Rotate();
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override ulong SliceLeft(SchedulingEntity entity)
        {
            if (entity.SliceLeft == 0)
            {
                entity.SliceLeft = TimeSlice;
            }

            return ReferenceEquals(entity.Next, entity) ? NoSlice : entity.SliceLeft;
        }

        public override bool SliceExpired(SchedulingEntity entity)
        {
            if (entity.SliceLeft != 0)
            {
                return false;
            }

            Yield(entity);
            return !ReferenceEquals(entity.Next, entity);
        }

        public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => queued.Level < running.Level;

        public override SchedulingEntity? FindMovable(int cpu, TaskStruct running)
        {
            int looks = SearchLimit;
            for (int level = NextLevel(_first); level < TaskPriority.Count && looks > 0; level = NextLevel(level + 1))
            {
                SchedulingEntity head = _levels[level].Head!;
                SchedulingEntity entity = head;
                do
                {
                    looks--;
                    if (!ReferenceEquals(entity.Task, running) && entity.Task.Affinity.Contains(cpu))
                    {
                        return entity;
                    }

                    entity = entity.Next!;
                }
                while (!ReferenceEquals(entity, head) && looks > 0);
            }

            return null;
        }

        // The first level at or after this one with a task, or TaskPriority.Count or more.
        private int NextLevel(int level)
        {
            while (level < TaskPriority.Count)
            {
                ulong bits = Bits(level) >> (level & 63);
                if (bits != 0)
                {
                    return level + BitOperations.TrailingZeroCount(bits);
                }

                level = (level | 63) + 1;
            }

            return level;
        }

        private ref ulong Bits(int level)
        {
            if (level < 64)
            {
                return ref _levels0;
            }

            return ref level < 128 ? ref _levels64 : ref _levels128;
        }
    }
}
