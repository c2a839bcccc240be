using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Cpus;

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class Cpu
{
    public const int Maximum = 255;

    public static int CurrentIndex => SimulatedMachine.Instance.Active.Index;

    public static int Count => SimulatedMachine.Instance.Started;

    public static bool IsInInterrupt(int index) => SimulatedMachine.Instance.Cpus[index].InterruptDepth != 0;
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class LocalCpu
{
    public static uint PreemptCount => (uint)SimulatedMachine.Instance.Active.PreemptCount;

    public static bool NeedResched
    {
        get => SimulatedMachine.Instance.Active.NeedResched;
        set => SimulatedMachine.Instance.Active.NeedResched = value;
    }

    public static bool DeferredPending
    {
        get => SimulatedMachine.Instance.Active.DeferredPending;
        set => SimulatedMachine.Instance.Active.DeferredPending = value;
    }

    public static object? Scheduler
    {
        get => SimulatedMachine.Instance.Active.Scheduler;
        set => SimulatedMachine.Instance.Active.Scheduler = value;
    }

    public static object? BeginSchedule()
    {
        SimulatedMachine.Instance.Require(PreemptCount == 0, "a switch with preemption off");
        NeedResched = false;
        return Scheduler;
    }

    public static object? CurrentOwner => SimulatedMachine.Instance.Active.Current!.Owner;

    public static void StartScheduling(MachineThread idle) => SimulatedMachine.Instance.Require(!idle.IsFreed, "an idle thread that was freed");
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class InterruptFlag
{
    public static bool Enabled => SimulatedMachine.Instance.Active.InterruptsOn;

    public static ulong Disable([CallerMemberName] string by = "")
    {
        SimulatedMachine.Instance.Step("cli", by);
        bool on = SimulatedMachine.Instance.Active.InterruptsOn;
        SimulatedMachine.Instance.Active.InterruptsOn = false;
        return on ? 1ul << 9 : 0;
    }

    public static bool IsSetIn(ulong flags) => flags != 0;

    public static void Restore(ulong flags)
    {
        if (flags != 0)
        {
            Enable();
        }
    }

    public static void Enable()
    {
        SimulatedMachine.Instance.Active.InterruptsOn = true;
        SimulatedMachine.Instance.Step();
    }
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class CpuInstructions
{
    public static void Pause() => SimulatedMachine.Instance.Step();

    public static void EnableInterruptsAndHalt() => SimulatedMachine.Instance.Halt();
}
