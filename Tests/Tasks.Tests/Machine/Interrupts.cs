using System.Collections.Generic;
using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
public abstract class InterruptHandler
{
    public abstract string Name { get; }

    public abstract bool Handle();
}

/// <summary>Stands for the class of this name in Kernel/Machine: remembers which lines are masked.</summary>
internal static class DeviceInterrupts
{
    private static HashSet<InterruptHandler>? s_masked;

    public static bool IsMasked(InterruptHandler handler) => s_masked?.Contains(handler) == true;

    public static void Mask(InterruptHandler handler)
    {
        SimulatedMachine.Instance.Step();
        s_masked ??= [];
        s_masked.Add(handler);
    }

    public static void Unmask(InterruptHandler handler)
    {
        SimulatedMachine.Instance.Step();
        s_masked?.Remove(handler);
    }
}
