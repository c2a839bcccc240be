using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>A task that executes work items.</summary>
internal sealed class Worker
{
    private readonly WorkerPool _pool;

    private Worker(WorkerPool pool)
    {
        _pool = pool;
    }

    /// <summary>The task. Set before anybody can see the worker.</summary>
    [Protocol("Set by the worker's task before it enters a list, never after.")]
    public TaskStruct Task { get; private set; } = null!;

    /// <summary>The next of those who stand by.</summary>
    [Protocol("Guarded by the pool's lock.")]
    public Worker? Next { get; set; }

    [Protocol("Guarded by the pool's lock.")]
    public bool IsStandingBy { get; set; }

    /// <summary>It was woken to begin and has not yet.</summary>
    [Protocol("Guarded by the pool's lock.")]
    public bool IsComing { get; set; }

    /// <summary>Share and colour of the item that it executes.</summary>
    [Protocol("Guarded by the pool's lock.")]
    public WorkQueueShare? Share { get; set; }

    [Protocol("Guarded by the pool's lock.")]
    public int Colour { get; set; }

    /// <summary>It is among those that run, or would be if it did not sleep. The worker's own.</summary>
    [Protocol("Written by the worker's task, read by the switch that takes it off its CPU.")]
    public bool IsCounted { get; set; }

    [Protocol("Written by the switch that takes the worker off its CPU, and by the worker when it is back.")]
    private bool IsAsleep { get; set; }

    /// <summary>Starts a worker.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    [MightSleep]
    public static void Start(WorkerPool pool, string name)
    {
        var worker = new Worker(pool);
        TaskOptions options = new()
        {
            Name = name,
            Affinity = pool.Cpus,
            Priority = pool.Priority,
            StackBytes = WorkQueues.WorkerStackBytes,
            Detached = true,
        };
        KernelTask.Start(options, worker.Run);
    }

    /// <summary>One that belongs to a rescuer: it is in no list and not counted.</summary>
    public static Worker ForRescuer(WorkerPool pool) => new(pool);

    /// <summary>Its task leaves the CPU to sleep. In the switch, the run queue's lock held.</summary>
    [NoAllocation]
    public void GoesToSleep()
    {
        if (IsCounted && !IsAsleep)
        {
            IsAsleep = true;
            _pool.OneSleeps();
        }
    }

    /// <summary>Its task is back from a switch. Interrupts off.</summary>
    [NoAllocation]
    public void IsBack()
    {
        if (IsAsleep)
        {
            IsAsleep = false;
            _pool.OneRunsAgain();
        }
    }

    /// <summary>Executes one item; exceptions are reported.</summary>
    [MightSleep]
    public static void Execute(WorkItem item)
    {
        try
        {
            item.Execute();
        }
        catch (Exception exception)
        {
            WorkReporter.Instance?.Failed(item, exception);
        }

        Preemption.AssertMaySleep("A work item returns with preemption or interrupts off"u8);
    }

    private int Run()
    {
        Task = TaskStruct.Current;
        Task.Worker = this;
        while (_pool.AwaitWork(this))
        {
            _pool.EnsureStandBy(this);
            while (_pool.Begin(this) is { } item)
            {
                do
                {
                    Execute(item);
                }
                while (_pool.End(this, item));
            }
        }

        Task.Worker = null;
        return 0;
    }
}

/// <summary>Executes the items of one queue where no worker is to be had: made in advance, so that it needs no memory when there is none.</summary>
internal sealed class Rescuer
{
    [Immutable]
    private readonly WorkQueueShare[] _shares;

    [Immutable]
    private readonly Worker[] _workers;

    private readonly Completion _summons;
    private readonly TaskStruct _task;

    [Atomic]
    private int _isStopping;

    [MightSleep]
    public Rescuer(WorkQueue queue, WorkQueueShare[] shares)
    {
        _shares = shares;
        _workers = Array.ConvertAll(shares, share => Worker.ForRescuer(share.Pool));
        _summons = new Completion("rescuer");
        _task = KernelTask.Start(new TaskOptions { Name = $"rescuer/{queue.Name}", StackBytes = WorkQueues.WorkerStackBytes }, Run);
    }

    /// <summary>Items that it has executed.</summary>
    [Protocol("Written by the rescuer's task, read by reports.")]
    public ulong Executed { get; private set; }

    /// <summary>Lets it look for items. Any context but NMI.</summary>
    [NoAllocation]
    public void Summon() => _summons.Complete();

    /// <summary>Ends it.</summary>
    [MightSleep]
    public void Stop()
    {
        Volatile.Write(ref _isStopping, 1);
        _summons.Complete();
        _task.JoinUninterruptible();
    }

    private int Run()
    {
        while (Volatile.Read(ref _isStopping) == 0)
        {
            _summons.Wait();
            for (int i = 0; i < _shares.Length; i++)
            {
                Rescue(_shares[i], _workers[i]);
            }
        }

        return 0;
    }

    [MightSleep]
    private void Rescue(WorkQueueShare share, Worker worker)
    {
        while (share.Pool.BeginRescue(worker, share) is { } item)
        {
            // Where its workers would have executed it.
            TaskStruct.Current.SetAffinity(share.Pool.Cpus);
            do
            {
                Worker.Execute(item);
                Executed++;
            }
            while (share.Pool.End(worker, item));

            TaskStruct.Current.SetAffinity(CpuSet.All);
        }
    }
}
