using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>Brings the scheduler up: on the CPU that booted the code that runs becomes the first task, on each other CPU it becomes that CPU's idle task.</summary>
public static class SchedulerStart
{
    /// <summary>
    /// Makes the running code the task with pid 1, named <c>kernel</c>, and starts scheduling on this CPU. Called once, on the CPU that booted,
    /// with the managed heap, the clock and virtual memory up, interrupts on or off, before other CPUs are started.
    /// </summary>
    public static void BootCpu()
    {
        SchedulingClasses.Initialize();
        RunQueues.Initialize();
        TaskStruct idle = CreateIdle();
        idle.Thread = MachineThread.Create(idle, MachineThread.MinimumStackBytes);
        RunQueue queue = AddQueue(idle);

        TaskStruct root = new(new TaskOptions { Name = "kernel" }, SchedulingClasses.Default, null);
        root.Thread = MachineThread.AdoptCurrent(root);
        root.Transition(TaskState.Runnable);
        TaskTree.Root = root;
        TaskTable.Add(root);
        using (queue.Lock.Enter())
        {
            queue.Enqueue(root, EnqueueReason.Started);
            queue.Running = root;
            queue.Previous = root;
            root.SetOnCpu();
        }

        LocalCpu.StartScheduling(idle.Thread);
        MachineEvents.Instance = new SchedulerEvents();
        Reaper.Start();
    }

    /// <summary>On a CPU that was just started: makes the running code its idle task and schedules for ever. Interrupts are off.</summary>
    [DoesNotReturn]
    internal static void OtherCpu()
    {
        TaskStruct idle = CreateIdle();
        idle.Thread = MachineThread.AdoptCurrent(idle);
        idle.SetOnCpu();
        AddQueue(idle);
        LocalCpu.StartScheduling(idle.Thread);
        InterruptFlag.Enable();
        IdleLoop.Run();
    }

    private static TaskStruct CreateIdle()
    {
        int cpu = Cpu.CurrentIndex;
        TaskOptions options = new() { Name = "idle", Priority = TaskPriority.Lowest, Affinity = CpuSet.Of(cpu) };
        TaskStruct idle = new(options, SchedulingClasses.Idle, null) { Cpu = cpu, Body = IdleBody };
        idle.Transition(TaskState.Runnable);
        return idle;
    }

    private static int IdleBody()
    {
        IdleLoop.Run();
        return 0;
    }

    private static RunQueue AddQueue(TaskStruct idle)
    {
        RunQueue queue = new(Cpu.CurrentIndex, idle);
        for (int rank = 0; rank < SchedulingClass.RankCount; rank++)
        {
            if (SchedulingClasses.Get(rank) is { } policy)
            {
                queue.AddClass(policy);
            }
        }

        queue.AdoptIdle(Clock.MonotonicNanoseconds);
        LocalCpu.Scheduler = queue;
        RunQueues.Add(queue);
        return queue;
    }
}

/// <summary>What the scheduler does on events of the machine.</summary>
internal sealed class SchedulerEvents : MachineEvents
{
    /// <inheritdoc/>
    [InterruptContext]
    public override void Preempt() => Scheduler.Switch(SwitchReason.Preempted);

    /// <inheritdoc/>
    [InterruptContext]
    public override void ClockExpired(ulong now) => RunQueue.Current.ClockExpired(now);

    /// <inheritdoc/>
    [InterruptContext]
    public override void RescheduleRequested() => LocalCpu.NeedResched = true;

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void ThreadStarted(object owner)
    {
        Scheduler.FinishSwitch();
        InterruptFlag.Enable();
        TaskMain.Run(TaskStruct.Current);
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void CpuStarted() => SchedulerStart.OtherCpu();
}
