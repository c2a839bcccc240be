using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Sound;

/// <summary>Simple tones: goes to every input device that can make them (SND_TONE), such as the PC speaker. One tone at a time; a new one replaces the one before it. Task context.</summary>
public static class Speaker
{
    /// <summary>Lowest tone in hertz.</summary>
    public const int LowestHertz = 20;

    /// <summary>Highest tone in hertz.</summary>
    public const int HighestHertz = 32_766;

    /// <summary>The tone of BEL, as Linux's console has it, in hertz.</summary>
    public const int BellHertz = 750;

    /// <summary>How long BEL sounds, in milliseconds.</summary>
    public const int BellMilliseconds = 125;

    private const ulong Millisecond = 1_000_000;

    private static readonly Mutex s_lock = new("speaker");

    [GuardedBy(nameof(s_lock))]
    private static EndOfTone? s_end;

    /// <summary>Whether there is something that makes tones.</summary>
    public static bool Exists
    {
        get
        {
            foreach (InputDevice device in InputCore.Devices)
            {
                if (MakesTones(device))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Begins a tone that lasts until the next one, or <see cref="Stop"/>.</summary>
    /// <param name="hertz">Its frequency; outside of <see cref="LowestHertz"/> to <see cref="HighestHertz"/> it is silence.</param>
    [MightSleep]
    public static void Play(int hertz) => Play(hertz, 0);

    /// <summary>Begins a tone that ends by itself; returns at once.</summary>
    /// <param name="hertz">Its frequency.</param>
    /// <param name="milliseconds">How long; 0 for ever.</param>
    [MightSleep]
    public static void Play(int hertz, int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        using (s_lock.Enter())
        {
            s_end?.Cancel();
            Send(hertz is >= LowestHertz and <= HighestHertz ? hertz : 0);
            if (hertz > 0 && milliseconds > 0)
            {
                s_end ??= new EndOfTone();
                s_end.RequeueAfter((ulong)milliseconds * Millisecond);
            }
        }
    }

    /// <summary>Ends the tone.</summary>
    [MightSleep]
    public static void Stop() => Play(0, 0);

    [MightSleep]
    private static void Send(int hertz)
    {
        foreach (InputDevice device in InputCore.Devices)
        {
            if (MakesTones(device))
            {
                device.Send(new InputEvent(InputEventType.Sound, InputCodes.Tone, hertz));
                device.Send(new InputEvent(InputEventType.Synchronization, InputCodes.Report, 0));
            }
        }
    }

    private static bool MakesTones(InputDevice device) => device.Allows(InputEventType.Sound, InputCodes.Tone);

    private sealed class EndOfTone() : DelayedWorkItem(WorkQueues.Default)
    {
        protected override void Execute()
        {
            using (s_lock.Enter())
            {
                // A tone that began meanwhile has queued this item anew.
                if (!IsPending)
                {
                    Send(0);
                }
            }
        }
    }
}
