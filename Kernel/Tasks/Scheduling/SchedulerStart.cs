using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.ReadCopyUpdate;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>Brings the scheduler up: on the CPU that booted the code that runs becomes the first task, on each other CPU it becomes that CPU's idle task.</summary>
public static class SchedulerStart
{
    /// <summary>
    /// Makes the running code the task with pid 1, named <c>kernel</c>, and starts scheduling on this CPU. Called once, on the CPU that booted,
    /// with the managed heap, the clock and virtual memory up, interrupts on or off, before other CPUs are started.
    /// </summary>
    [BeforePublication]
    [MightSleep]
    public static void BootCpu()
    {
        SchedulingClasses.Initialize();
        RunQueues.Initialize();
        TaskStruct idle = CreateIdle(adopts: false);
        RunQueue queue = AddQueue(idle);

        TaskStruct root = new(new TaskOptions { Name = "kernel" }, SchedulingParameters.Default, null);
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
    [MightSleep]
    internal static void OtherCpu()
    {
        TaskStruct idle = CreateIdle(adopts: true);
        idle.SetOnCpu();
        AddQueue(idle);
        LocalCpu.StartScheduling(idle.Thread);
        InterruptFlag.Enable();
        IdleLoop.Run();
    }

    // Its thread is the code that runs here, or a new one.
    private static TaskStruct CreateIdle(bool adopts)
    {
        int cpu = Cpu.CurrentIndex;
        TaskOptions options = new() { Name = "idle", Affinity = CpuSet.Of(cpu) };
        TaskStruct idle = new(options, new SchedulingParameters { Policy = SchedulingPolicy.CpuIdle, Nice = TaskPriority.MaximumNice }, null) { Cpu = cpu, Body = IdleBody };
        idle.Thread = adopts ? MachineThread.AdoptCurrent(idle) : MachineThread.Create(idle, MachineThread.MinimumStackBytes);
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
        queue.AddClass(SchedulingClasses.Idle);
        queue.AdoptIdle(Clock.MonotonicNanoseconds);
        LocalCpu.Scheduler = queue;
        SchedulingClasses.AddCpu(queue);
        return queue;
    }
}

/// <summary>What the scheduler does on events of the machine.</summary>
internal sealed class SchedulerEvents : MachineEvents
{
    /// <inheritdoc/>
    [InterruptContext]
    public override void Preempt()
    {
        while (true)
        {
            if (LocalCpu.DeferredPending)
            {
                RunQueue.Current.Deferred.Serve();
            }
            else if (LocalCpu.NeedResched)
            {
                // In a loop: the end of a switch may give a task that was taken off its CPU a place, and that may be here; a switch may ask for deferred work.
                Scheduler.Switch(SwitchReason.Preempted);
            }
            else
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override void ClockExpired(ulong now) => RunQueue.Current.ClockExpired(now);

    /// <inheritdoc/>
    [InterruptContext]
    public override void RescheduleRequested()
    {
        LocalCpu.NeedResched = true;
        GracePeriods.Answer();
    }

    /// <inheritdoc/>
    public override void ReadSectionEnded() => GracePeriods.SectionEnded();

    /// <inheritdoc/>
    [Releases(typeof(RunQueue), nameof(RunQueue.Lock))]
    [DoesNotReturn]
    [MightSleep]
    public override void ThreadStarted(object owner)
    {
        Scheduler.FinishSwitch(null);
        Preemption.EnableInterrupts();
        TaskMain.Run(TaskStruct.Current);
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    [MightSleep]
    public override void CpuStarted() => SchedulerStart.OtherCpu();
}
