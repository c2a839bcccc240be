using System.Collections.Generic;
using Cosmos.Debug.Kernel;
using Cosmos.HAL.Input;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>What Cosmos keeps for all of the hardware layer.</summary>
public static class Global
{
    /// <summary>Debugger of the hardware layer.</summary>
    public static readonly Debugger debugger = new("Global");

    /// <summary>Debugger of the hardware layer, by the name that Cosmos used until 2022.</summary>
    public static readonly Debugger mDebugger = debugger;

    /// <summary>Waiting and timers.</summary>
    [Atomic]
    public static volatile PIT PIT = new();

    /// <summary>Whether this processor takes interrupts. True in every task, but while it holds a lock that keeps them off.</summary>
    public static bool InterruptsEnabled => InterruptFlag.Enabled;

    /// <summary>Interrupts are on from before a Cosmos kernel starts, so there is nothing to do.</summary>
    public static void EnableInterrupts()
    {
    }

    /// <summary>The keyboards, as one.</summary>
    public static IEnumerable<KeyboardBase> GetKeyboardDevices() => [InputService.Keyboard];

    /// <summary>The mice, as one.</summary>
    public static IEnumerable<MouseBase> GetMouseDevices() => [InputService.Mouse];
}
