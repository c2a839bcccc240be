using Cosmos.Debug.Kernel;
using CosmosKernel.Machine.Cpus;

namespace Cosmos.HAL;

/// <summary>What Cosmos keeps for all of the hardware layer.</summary>
public static class Global
{
    /// <summary>Debugger of the hardware layer.</summary>
    public static readonly Debugger debugger = new("Global");

    /// <summary>Waiting.</summary>
    public static PIT PIT = new();

    /// <summary>Whether this processor takes interrupts. True in every task, but while it holds a lock that keeps them off.</summary>
    public static bool InterruptsEnabled => InterruptFlag.Enabled;

    /// <summary>Interrupts are on from before a Cosmos kernel starts, so there is nothing to do.</summary>
    public static void EnableInterrupts()
    {
    }
}
