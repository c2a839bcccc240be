using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks;

namespace Cosmos.HAL;

/// <summary>The PC speaker: whatever device makes tones. Task context.</summary>
public class PCSpeaker
{
    private const int LowestHertz = 37;
    private const int HighestHertz = 32_767;
    private const ushort Tone = 2;
    private const uint DefaultMilliseconds = 200;
    private const ulong NanosecondsPerMillisecond = 1_000_000;

    private static readonly object s_lock = new();

    /// <summary>A tone of 200 ms; returns when it is over.</summary>
    /// <param name="frequency">Hertz, 37 to 32,767.</param>
    [MightSleep]
    public static void Beep(uint frequency) => Beep(frequency, DefaultMilliseconds);

    /// <summary>A tone; returns when it is over. Without a speaker it is silent, and takes as long. Tones of several tasks come one after the other.</summary>
    /// <param name="frequency">Hertz, 37 to 32,767; 0 is a pause.</param>
    /// <param name="duration">Milliseconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frequency is none of these.</exception>
    [MightSleep]
    public static void Beep(uint frequency, uint duration)
    {
        if (frequency != 0 && frequency is < LowestHertz or > HighestHertz)
        {
            throw new ArgumentOutOfRangeException(nameof(frequency), $"{frequency} Hz; tones have {LowestHertz} to {HighestHertz}");
        }

        lock (s_lock)
        {
            try
            {
                Play((int)frequency);
                KernelTask.Sleep(duration * NanosecondsPerMillisecond);
            }
            finally
            {
                Play(0);
            }
        }
    }

    private static void Play(int hertz)
    {
        foreach (InputDevice device in InputCore.Devices)
        {
            if (device.Allows(InputEventType.Sound, Tone))
            {
                device.Send(new InputEvent(InputEventType.Sound, Tone, hertz));
            }
        }
    }
}
