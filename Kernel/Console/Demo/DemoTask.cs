using System;
using CosmosKernel.Console.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Demo;

/// <summary>A task of the demonstration, and how much of a CPU it had since it was started.</summary>
internal sealed class DemoTask
{
    private readonly TaskStruct _task;

    /// <summary>Starts one.</summary>
    /// <param name="name">What it does, for the legend.</param>
    /// <param name="scheduling">How it is scheduled.</param>
    /// <param name="affinity">Where it may run.</param>
    /// <param name="body">What it runs until it is killed; looks at <see cref="TaskStruct.IsKilled"/> at least every few milliseconds.</param>
    public DemoTask(string name, SchedulingParameters scheduling, CpuSet affinity, Action body)
    {
        Name = name;
        _task = KernelTask.Start(new TaskOptions { Name = "demo-" + name, Scheduling = scheduling, Affinity = affinity, Detached = true }, body);
        Pid = _task.Pid;
    }

    /// <summary>What it does.</summary>
    public string Name { get; }

    /// <summary>Its pid.</summary>
    public int Pid { get; }

    /// <summary>Its policy and nice value or priority.</summary>
    public string Policy => TaskList.Policy(_task);

    /// <summary>Nanoseconds on a CPU.</summary>
    public ulong CpuTime => _task.CpuTimeNanoseconds;

    /// <summary>Ends it soon.</summary>
    public void Stop() => _task.Kill();
}
