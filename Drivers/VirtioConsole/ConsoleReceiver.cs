using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>Whose console it is. Called by the device's task, which is the only one that tells: nothing here waits for readers or writers.</summary>
internal interface IConsoleReceiver
{
    /// <summary>Bytes may have come (<see cref="ConsoleDevice.TakeInput"/>); those for which there is no room stay where they are.</summary>
    /// <returns>True when there may be more, and room for it.</returns>
    [MightSleep]
    bool Receive();

    /// <summary>There is room for more output.</summary>
    [MightSleep]
    void Sent();

    /// <summary>The device is gone for good. The last call.</summary>
    [MightSleep]
    void Lost();
}

/// <summary>Bytes typed at the kernel's console.</summary>
internal sealed class KernelConsoleReceiver(ConsoleDevice device) : IConsoleReceiver
{
    private const int MostSteps = 16;

    /// <inheritdoc/>
    public bool Receive()
    {
        Span<byte> bytes = stackalloc byte[ConsoleQueues.SlotBytes];
        for (int i = 0; i < MostSteps; i++)
        {
            int count = device.TakeInput(bytes);
            if (count == 0)
            {
                return false;
            }

            KernelConsole.Input.Add(bytes[..count]);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Sent()
    {
    }

    /// <inheritdoc/>
    public void Lost()
    {
    }
}

/// <summary>A virtio console as one of the kernel's.</summary>
internal sealed class HvcOutput(string name, ConsoleDevice device) : ConsoleOutput
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    [MightSleep]
    public override void Write(ReadOnlySpan<byte> text)
    {
        // A whole buffer at a time, each line with its end.
        Span<byte> bytes = stackalloc byte[ConsoleQueues.SlotBytes];
        while (!text.IsEmpty)
        {
            int taken = ConsoleText.EndLines(text, bytes, out int count);
            device.WriteAll(bytes[..count]);
            text = text[taken..];
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Flush() => device.Drain();
}
