using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>
/// The 8042 controller's registers and commands (IBM PS/2 hardware interface technical reference, keyboard and auxiliary device controller). Every wait has a limit: a controller that does not answer
/// is absent. Not synchronized. Any context but NMI; what waits says how long.
/// </summary>
/// <param name="registers">Its ports.</param>
[Owned]
public sealed class ControllerChip(Ps2Registers registers)
{
    private const byte OutputFull = 0x01;
    private const byte InputFull = 0x02;
    private const byte FromSecondPort = 0x20;
    private const byte TimedOut = 0x40;
    private const byte ParityError = 0x80;
    private const byte Absent = 0xFF;

    private const byte ReadConfiguration = 0x20;
    private const byte WriteConfiguration = 0x60;
    private const byte DisableSecondPort = 0xA7;
    private const byte EnableSecondPort = 0xA8;
    private const byte TestSecondPort = 0xA9;
    private const byte SelfTest = 0xAA;
    private const byte SelfTestPassed = 0x55;
    private const byte TestFirstPort = 0xAB;
    private const byte DisableFirstPort = 0xAD;
    private const byte EnableFirstPort = 0xAE;
    private const byte FeignFirstPort = 0xD2;
    private const byte FeignSecondPort = 0xD3;
    private const byte WriteSecondPort = 0xD4;

    private const byte FirstInterrupt = 0x01;
    private const byte SecondInterrupt = 0x02;
    private const byte FirstClockOff = 0x10;
    private const byte SecondClockOff = 0x20;
    private const byte Translation = 0x40;

    private const int MostStale = 64;
    private const ulong AnswerNanoseconds = 50_000_000;
    private const ulong SelfTestNanoseconds = 1_000_000_000;
    private const ulong PollNanoseconds = 20_000;

    private byte _configuration;

    /// <summary>The first port passed its test.</summary>
    public bool HasFirstPort { get; private set; }

    /// <summary>There is a second port, and it passed its test.</summary>
    public bool HasSecondPort { get; private set; }

    /// <summary>Tests the controller and its ports, and leaves the ports on, their interrupts off, and scan codes of the first translated to set 1. Takes up to a second when something is broken.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Initialize()
    {
        HasFirstPort = false;
        HasSecondPort = false;
        if (registers.ReadStatus() == Absent)
        {
            return "no PS/2 controller";
        }

        // Nothing is to come in while it is set up.
        if (!Command(DisableFirstPort) || !Command(DisableSecondPort))
        {
            return "the PS/2 controller takes no command";
        }

        if (!Drain())
        {
            return "the PS/2 controller always has another byte";
        }

        byte result = Absent;
        if (!Ask(SelfTest, SelfTestNanoseconds, out result) || result != SelfTestPassed)
        {
            return $"the PS/2 controller failed its self-test with 0x{result:x}";
        }

        // The self-test may have put the configuration back.
        _configuration = Translation;
        if (!WriteConfigurationByte() || !Ask(ReadConfiguration, AnswerNanoseconds, out byte read) || ((read ^ _configuration) & (FirstInterrupt | SecondInterrupt | Translation)) != 0)
        {
            return "the PS/2 controller does not keep its configuration";
        }

        // Whether the clock of the second port can be switched tells whether there is one.
        HasSecondPort = Command(DisableSecondPort) && Ask(ReadConfiguration, AnswerNanoseconds, out read) && (read & SecondClockOff) != 0
            && Command(EnableSecondPort) && Ask(ReadConfiguration, AnswerNanoseconds, out read) && (read & SecondClockOff) == 0
            && Ask(TestSecondPort, AnswerNanoseconds, out result) && result == 0;
        HasFirstPort = Ask(TestFirstPort, AnswerNanoseconds, out byte first) && first == 0 && Command(EnableFirstPort);
        if (HasSecondPort)
        {
            HasSecondPort = Command(EnableSecondPort);
        }

        return HasFirstPort || HasSecondPort ? null : $"both ports of the PS/2 controller failed their tests, the first with 0x{first:x}";
    }

    /// <summary>Lets the ports' interrupts through, or stops them. Up to 0.1 s.</summary>
    public bool EnableInterrupts(bool on)
    {
        int interrupts = (HasFirstPort ? FirstInterrupt : 0) | (HasSecondPort ? SecondInterrupt : 0);
        int clocks = (HasFirstPort ? 0 : FirstClockOff) | (HasSecondPort ? 0 : SecondClockOff);
        _configuration = (byte)(Translation | clocks | (on ? interrupts : 0));
        return WriteConfigurationByte();
    }

    /// <summary>Throws away what waits to be read. Up to 2 ms.</summary>
    /// <returns>False when it does not end.</returns>
    public bool Drain()
    {
        for (int i = 0; i < MostStale; i++)
        {
            if ((registers.ReadStatus() & OutputFull) == 0)
            {
                return true;
            }

            _ = registers.ReadData();
            registers.Pause(PollNanoseconds);
        }

        return false;
    }

    /// <summary>Takes a byte if there is one. At once.</summary>
    [NoAllocation]
    internal bool TryRead(out PortByte received)
    {
        byte status = registers.ReadStatus();
        if ((status & OutputFull) == 0 || status == Absent)
        {
            received = default;
            return false;
        }

        received = new PortByte(registers.ReadData(), (status & FromSecondPort) != 0 ? 1 : 0, (status & (TimedOut | ParityError)) != 0);
        return true;
    }

    /// <summary>Sends a device a byte. Up to 0.1 s when the controller is stuck, some microseconds otherwise.</summary>
    /// <param name="port">0 or 1.</param>
    /// <param name="value">The byte.</param>
    [NoAllocation]
    internal bool Send(int port, byte value) => port == 0 ? Data(value) : Command(WriteSecondPort) && Data(value);

    /// <summary>Lets a byte come in as if a device had sent it, interrupt included: for tests. Up to 0.1 s.</summary>
    internal bool Feign(int port, byte value) => Command(port == 0 ? FeignFirstPort : FeignSecondPort) && Data(value);

    private bool WriteConfigurationByte() => Command(WriteConfiguration) && Data(_configuration);

    private bool Ask(byte command, ulong nanoseconds, out byte answer)
    {
        answer = Absent;
        if (!Command(command))
        {
            return false;
        }

        ulong start = registers.Now;
        PortByte received;
        while (!TryRead(out received))
        {
            if (registers.Now - start > nanoseconds)
            {
                return false;
            }

            registers.Pause(PollNanoseconds);
        }

        answer = received.Value;
        return true;
    }

    [NoAllocation]
    private bool Command(byte value)
    {
        if (!WaitForInput())
        {
            return false;
        }

        registers.WriteCommand(value);
        return true;
    }

    [NoAllocation]
    private bool Data(byte value)
    {
        if (!WaitForInput())
        {
            return false;
        }

        registers.WriteData(value);
        return true;
    }

    [NoAllocation]
    private bool WaitForInput()
    {
        ulong start = registers.Now;
        while ((registers.ReadStatus() & InputFull) != 0)
        {
            if (registers.Now - start > AnswerNanoseconds)
            {
                return false;
            }

            registers.Pause(PollNanoseconds);
        }

        return true;
    }
}
