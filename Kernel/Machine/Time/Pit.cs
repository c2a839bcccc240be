using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Time;

/// <summary>
/// The 8254 interval timer (Intel 8254 data sheet): channel 2 measures short times, channel 0 is a clock event of last resort. Callers
/// serialise their use: calibration runs on the boot CPU alone, the clock event under its lock.
/// </summary>
internal static class Pit
{
    /// <summary>Ticks per second.</summary>
    internal const ulong Frequency = 1_193_182;

    /// <summary>The longest time in ticks that one count can last.</summary>
    internal const uint LongestCount = 0xFFFF;

    private const ushort Channel0 = 0x40;
    private const ushort Channel2 = 0x42;
    private const ushort Command = 0x43;
    private const ushort ControlB = 0x61;
    private const byte Gate2 = 1 << 0;
    private const byte Speaker = 1 << 1;
    private const byte Output2 = 1 << 5;

    // Select channel, low byte then high byte, mode 0 (output rises at the end of the count), binary.
    private const byte Channel0Mode0 = 0x30;
    private const byte Channel2Mode0 = 0xB0;
    private const byte LatchChannel2 = 0x80;

    /// <summary>Starts channel 2 counting down from 65535, speaker off.</summary>
    internal static void StartMeasuring()
    {
        Ports.Out8(ControlB, (byte)((Ports.In8(ControlB) & ~Speaker) | Gate2));
        Ports.Out8(Command, Channel2Mode0);
        Ports.Out8(Channel2, 0xFF);
        Ports.Out8(Channel2, 0xFF);
    }

    /// <summary>Ticks since <see cref="StartMeasuring"/>, meaningful for the first 54 ms; more than 65535 once that time is over.</summary>
    internal static uint MeasuredTicks
    {
        get
        {
            if ((Ports.In8(ControlB) & Output2) != 0)
            {
                return LongestCount + 1;
            }

            Ports.Out8(Command, LatchChannel2);
            uint low = Ports.In8(Channel2);
            uint high = Ports.In8(Channel2);
            return LongestCount - (low | (high << 8));
        }
    }

    /// <summary>Raises ISA interrupt 0 once, <paramref name="ticks"/> (1 to 65535) from now.</summary>
    internal static void ArmInterrupt(uint ticks)
    {
        Ports.Out8(Command, Channel0Mode0);
        Ports.Out8(Channel0, (byte)ticks);
        Ports.Out8(Channel0, (byte)(ticks >> 8));
    }

    /// <summary>Keeps channel 0 from interrupting: mode 0 waits for a count that is never written.</summary>
    internal static void Stop()
    {
        Ports.Out8(Command, Channel0Mode0);
    }
}
