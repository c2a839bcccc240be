using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Threads;

/// <summary>Stands for the class of this name in Kernel/Machine: others may come before and after each instruction.</summary>
internal static class ReadSection
{
    public const uint WatchedOffset = 0x7FFF_FFFF;

    public static bool IsActive => SimulatedMachine.Instance.Active.Current!.IsInReadSection;

    public static void Begin()
    {
        SimulatedMachine.Instance.Step();
        SimulatedMachine.Instance.Active.Current!.ReadNesting++;
        SimulatedMachine.Instance.Step();
    }

    public static void End()
    {
        SimulatedMachine.Instance.Step();
        uint nesting = --SimulatedMachine.Instance.Active.Current!.ReadNesting;
        SimulatedMachine.Instance.Require(nesting != uint.MaxValue, "a section ends that did not begin");

        // The signed overflow of the real count: from the least number to the greatest.
        if (nesting == int.MaxValue)
        {
            SimulatedMachine.Instance.Step();
            MachineEvents.Instance!.ReadSectionEnded();
        }
    }
}
