using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>The PC speaker. Each call returns when the sound is over. Task context.</summary>
public class PCSpeaker
{
    /// <summary>800 Hz for 200 ms.</summary>
    [MightSleep]
    public static void Beep() => Beep((uint)Notes.Default, (uint)Durations.Default);

    /// <summary>A tone of 200 ms.</summary>
    /// <param name="frequency">Hertz, 37 to 32,767.</param>
    [MightSleep]
    public static void Beep(uint frequency) => Beep(frequency, (uint)Durations.Default);

    /// <summary>A tone.</summary>
    /// <param name="frequency">Hertz, 37 to 32,767.</param>
    /// <param name="duration">Milliseconds.</param>
    [MightSleep]
    public static void Beep(uint frequency, uint duration) => HAL.PCSpeaker.Beep(frequency, duration);

    /// <summary>A note.</summary>
    [MightSleep]
    public static void Beep(Notes note, Durations duration) => Beep((uint)note, (uint)duration);

    /// <summary>A note of 200 ms.</summary>
    [MightSleep]
    public static void Beep(Notes note) => Beep((uint)note, (uint)Durations.Default);
}
