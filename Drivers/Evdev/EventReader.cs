using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>Somebody who has a node open: what they have not read.</summary>
[Protocol("Touched with the lock of the handle held, but for the queue, which has a lock of its own.")]
internal sealed class EventReader
{
    private const int Capacity = 64;

    /// <summary>Events not read.</summary>
    public EventRing Ring { get; } = new(Capacity);

    /// <summary>Who waits for events.</summary>
    public PollQueue Queue { get; } = new("input event");

    /// <summary>What events are stamped with.</summary>
    public EventClock Clock { get; set; }

    /// <summary>A packet was completed for it, and nobody was told yet.</summary>
    public bool IsWoken { get; set; }

    /// <summary>A moment on its clock.</summary>
    /// <param name="monotonic">Nanoseconds on the monotonic clock.</param>
    [NoAllocation]
    public long StampOf(ulong monotonic) => (long)monotonic + (Clock == EventClock.Realtime ? CosmosKernel.Machine.Time.Clock.BootNanoseconds : 0);
}
