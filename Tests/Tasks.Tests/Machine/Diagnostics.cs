using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class EarlyConsole
{
    public static void WriteLine(ReadOnlySpan<byte> text) => SimulatedMachine.Instance.Messages.Add(Encoding.UTF8.GetString(text));
}

/// <summary>Stands for the class of this name in Kernel/Machine: a panic fails the test.</summary>
internal static class Panic
{
    [DoesNotReturn]
    public static void Now(ReadOnlySpan<byte> message)
    {
        SimulatedMachine.Instance.Fail(new SimulationFailedException("panic: " + Encoding.UTF8.GetString(message)));
        throw new SimulationEndedException();
    }
}
