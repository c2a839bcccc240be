using System;
using CosmosKernel.Locking.Queues;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Waiting;

namespace Cosmos.HAL.Input;

/// <summary>The connection with one keyboard or mouse: its events go from the interrupt into a ring, and from there to the task that serves them.</summary>
internal sealed class HardwareHandle(InputDevice device, WaitQueue wake) : InputHandle(device)
{
    private const int Capacity = 1024;

    private readonly SpscRing<InputEvent> _events = new(Capacity);

    /// <summary>Whether no one else is to have the events: true for keyboards, so that each key is typed once.</summary>
    public bool IsExclusive { get; init; }

    /// <inheritdoc/>
    [InterruptContext]
    public override void Receive(ReadOnlySpan<InputEvent> events, ulong time)
    {
        foreach (InputEvent change in events)
        {
            // What finds it full is lost: nobody serves it for a thousand events.
            _ = _events.TryEnqueue(change);
        }

        wake.WakeAll();
    }

    /// <summary>The next event. One task.</summary>
    public bool TryTake(out InputEvent change) => _events.TryDequeue(out change);
}
