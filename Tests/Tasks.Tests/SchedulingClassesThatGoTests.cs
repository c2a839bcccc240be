using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Classes of modules go, with and without tasks, while everything runs.</summary>
public class SchedulingClassesThatGoTests
{
    private const int Place = 12;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TasksOfAClassThatGoesGoOnUnderTheOrdinaryPolicy(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        for (int round = 0; round < 3; round++)
        {
            WatchedClass policy = new();
            SchedulingClasses.Register(policy);
            bool stop = false;
            int[] turns = new int[8];
            List<TaskStruct> tasks = [];
            for (int i = 0; i < turns.Length; i++)
            {
                int me = i;
                SchedulingParameters parameters = SchedulingParameters.Of(policy) with { Nice = me };
                tasks.Add(KernelTask.Start(new TaskOptions { Name = "member", Scheduling = parameters }, () =>
                {
                    while (!stop)
                    {
                        turns[me]++;
                        switch (me % 3)
                        {
                            case 0:
                                machine.Compute(30_000);
                                KernelTask.Yield();
                                break;
                            case 1:
                                KernelTask.Sleep(20_000);
                                break;
                            default:
                                machine.Compute(10_000);
                                KernelTask.Sleep(5_000);
                                break;
                        }
                    }
                }));
            }

            // One that ended and that nobody has collected yet has the class, too.
            TaskStruct ended = KernelTask.Start(new TaskOptions { Scheduling = SchedulingParameters.Of(policy) }, () => { });
            KernelTask.Sleep((ulong)machine.Random.Next(400_000));
            SchedulingClasses.Unregister(policy);
            policy.IsGone = true;

            int[] before = [.. turns];
            Assert.All(tasks, (task, i) => Assert.Equal(SchedulingParameters.Fair(i), task.GetScheduling()));
            Assert.All(tasks, task => Assert.Same(SchedulingClasses.Default, task.Class));
            Assert.Same(SchedulingClasses.Default, ended.Class);
            Assert.Null(SchedulingClasses.Get(Place));
            Assert.All(RunQueuesNow(), queue => Assert.Null(queue.QueueOf(Place)));
            KernelTask.Sleep(5_000_000);
            Assert.All(turns, (count, i) => Assert.True(count > before[i], $"task {i} stands still"));
            stop = true;
            tasks.ForEach(task => task.Join());
            ended.Join();
            Assert.Empty(policy.Late);
            Assert.True(policy.Picks > 0);
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void WhoIsAboutToTakeAClassThatGoesHasItBeforeOrIsRefused(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        WatchedClass policy = new();
        SchedulingClasses.Register(policy);
        bool stop = false;
        int refused = 0;
        int taken = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 6; i++)
        {
            int kind = i % 3;
            tasks.Add(KernelTask.Start("taker", () =>
            {
                while (!stop)
                {
                    try
                    {
                        if (kind == 0)
                        {
                            KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy));
                            KernelTask.Yield();
                            KernelTask.Current.SetScheduling(SchedulingParameters.Default);
                        }
                        else if (kind == 1)
                        {
                            KernelTask.Start(new TaskOptions { Scheduling = SchedulingParameters.Of(policy) }, () => machine.Compute(5_000)).Join();
                        }
                        else
                        {
                            KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy));
                            KernelTask.Start(new TaskOptions { InheritScheduling = true }, () => machine.Compute(5_000)).Join();
                        }

                        taken++;
                    }
                    catch (ArgumentException)
                    {
                        refused++;
                        KernelTask.Sleep(10_000);
                    }
                }
            }));
        }

        KernelTask.Sleep(100_000 + (ulong)machine.Random.Next(300_000));
        SchedulingClasses.Unregister(policy);
        policy.IsGone = true;
        KernelTask.Sleep(500_000);
        stop = true;
        tasks.ForEach(task => task.Join());
        Assert.True(taken > 0);
        Assert.True(refused > 0);
        Assert.Empty(policy.Late);
        Assert.All(tasks, task => Assert.Same(SchedulingClasses.Default, task.Class));
    });

    [Fact]
    public void AClassStaysWhileATaskIsInOneOfItsMethods() => SimulatedMachine.Run(2, 1, _ =>
    {
        WatchedClass policy = new();
        SchedulingClasses.Register(policy);
        Semaphore inside = new("inside", 0);
        Semaphore goOn = new("go on", 0);
        policy.OnCreateEntity = () =>
        {
            inside.Release();
            goOn.Wait();
        };
        TaskStruct taker = KernelTask.Start("taker", () => KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy) with { Nice = 3 }));
        inside.Wait();
        TaskStruct remover = KernelTask.Start("remover", () =>
        {
            SchedulingClasses.Unregister(policy);
            policy.IsGone = true;
        });
        KernelTask.Sleep(1_000_000);
        Assert.False(policy.IsGone);

        // It is not to be had any more, and its rank is not free yet.
        Assert.Throws<ArgumentException>(() => KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy)));
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Register(new WatchedClass()));
        goOn.Release();
        remover.Join();
        Assert.True(policy.IsGone);
        taker.Join();
        Assert.Empty(policy.Late);
        Assert.Equal(SchedulingParameters.Fair(3), taker.GetScheduling());
        SchedulingClasses.Register(new WatchedClass());
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TheTimersOfAClassThatGoesEnd(int seed) => SimulatedMachine.Run(2, seed, machine =>
    {
        WatchedClass policy = new() { Ticks = true };
        SchedulingClasses.Register(policy);
        TaskStruct member = KernelTask.Start(new TaskOptions { Scheduling = SchedulingParameters.Of(policy) }, () => machine.Compute(2_000_000));
        KernelTask.Sleep(100_000 + (ulong)machine.Random.Next(100_000));
        SchedulingClasses.Unregister(policy);
        policy.IsGone = true;
        Assert.True(policy.Timers > 0);
        int timers = policy.Timers;
        KernelTask.Sleep(1_000_000);
        Assert.Equal(timers, policy.Timers);
        member.Join();
        Assert.Empty(policy.Late);
    });

    [Fact]
    public void AClassThatGoesTwiceOrIsTheKernelsIsRefused() => SimulatedMachine.Run(1, 1, _ =>
    {
        WatchedClass policy = new();
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Unregister(policy));
        SchedulingClasses.Register(policy);
        SchedulingClasses.Unregister(policy);
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Unregister(policy));
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Unregister(SchedulingClasses.Default));
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Unregister(SchedulingClasses.Stop));
        SchedulingClasses.Register(policy);
        KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy));
        KernelTask.Yield();
        SchedulingClasses.Unregister(policy);
        Assert.Equal(SchedulingParameters.Default, KernelTask.Current.GetScheduling());
    });

    [Fact]
    public void AClassThatFailsOnOneCpuLeavesItsQueuesOnNone() => SimulatedMachine.Run(3, 1, _ =>
    {
        WatchedClass broken = new() { OnCreateQueue = cpu => cpu == 2 ? throw new InvalidOperationException("no") : true };
        Assert.Throws<InvalidOperationException>(() => SchedulingClasses.Register(broken));
        Assert.All(RunQueuesNow(), queue => Assert.Null(queue.QueueOf(Place)));
        WatchedClass good = new();
        SchedulingClasses.Register(good);
        Assert.All(RunQueuesNow(), queue => Assert.Same(good, queue.QueueOf(Place)!.Policy));
    });

    [Fact]
    public void ACpuThatStartsDoesNotKeepAClassThatGoesMeanwhile() => SimulatedMachine.Run(1, 1, _ =>
    {
        WatchedClass first = new();
        WatchedClass second = new();
        SchedulingClasses.Register(first);
        first.OnCreateQueue = _ =>
        {
            first.OnCreateQueue = null;
            SchedulingClasses.Unregister(first);
            SchedulingClasses.Register(second);
            return true;
        };
        RunQueue started = new(7, TaskStruct.Current);
        SchedulingClasses.AddCpu(started);
        Assert.Same(second, started.QueueOf(Place)!.Policy);
        SchedulingClasses.Unregister(second);
        Assert.Null(started.QueueOf(Place));
    });

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 6)];

    private static IEnumerable<RunQueue> RunQueuesNow() => Enumerable.Range(0, RunQueues.Count).Select(cpu => RunQueues.Get(cpu)!);

    /// <summary>First come, first served, for 50 us; notes which of its methods are called after it is gone.</summary>
    private sealed class WatchedClass() : SchedulingClass("watched", Place)
    {
        public bool IsGone { get; set; }

        public bool Ticks { get; init; }

        public int Picks { get; private set; }

        public int Timers { get; private set; }

        public List<string> Late { get; } = [];

        public Func<int, bool>? OnCreateQueue { get; set; }

        public Action? OnCreateEntity { get; set; }

        public override ClassQueue CreateQueue(int cpu)
        {
            Note(nameof(CreateQueue));
            OnCreateQueue?.Invoke(cpu);
            return new Queue(this);
        }

        public override SchedulingEntity CreateEntity(TaskStruct task)
        {
            Note(nameof(CreateEntity));
            OnCreateEntity?.Invoke();
            return base.CreateEntity(task);
        }

        public override void Validate(in SchedulingParameters parameters) => Note(nameof(Validate));

        public override void Configure(SchedulingEntity entity, in SchedulingParameters parameters) => Note(nameof(Configure));

        private void Note(string method)
        {
            if (IsGone)
            {
                Late.Add(method);
            }
        }

        private sealed class Queue(WatchedClass policy) : ClassQueue
        {
            private const ulong Turn = 50_000;
            private EntityRing _ring;
            private ulong _left;

            public override void Enqueue(SchedulingEntity entity, EnqueueReason reason)
            {
                policy.Note(nameof(Enqueue));
                _ring.AddLast(entity);
                if (policy.Ticks)
                {
                    StartTimer(Owner.Now() + 10_000);
                }
            }

            public override void Dequeue(SchedulingEntity entity)
            {
                policy.Note(nameof(Dequeue));
                _ring.Remove(entity);
            }

            public override SchedulingEntity PickNext()
            {
                policy.Note(nameof(PickNext));
                policy.Picks++;
                return _ring.Head!;
            }

            public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
            {
                policy.Note(nameof(Charge));
                _left -= Math.Min(_left, nanoseconds);
            }

            public override void Yield(SchedulingEntity entity)
            {
                policy.Note(nameof(Yield));
                Rotate();
            }

            public override ulong SliceLeft(SchedulingEntity entity) => _left;

            public override bool SliceExpired(SchedulingEntity entity)
            {
                policy.Note(nameof(SliceExpired));
                if (_left == 0)
                {
                    Rotate();
                    return true;
                }

                return false;
            }

            public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => false;

            public override SchedulingEntity? FindMovable(int cpu, TaskStruct running)
            {
                policy.Note(nameof(FindMovable));
                SchedulingEntity? at = _ring.Head;
                for (int i = 0; i < Count; i++, at = at.Next)
                {
                    if (!ReferenceEquals(at!.Task, running) && at.Task.AllowedCpus.Contains(cpu))
                    {
                        return at;
                    }
                }

                return null;
            }

            protected override void OnTimer(ulong now)
            {
                policy.Note(nameof(OnTimer));
                policy.Timers++;
                StartTimer(now + 10_000);
            }

            private void Rotate()
            {
                _left = Turn;
                _ring.Rotate();
            }
        }
    }
}
