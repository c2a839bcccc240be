using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>
/// The 8042 keyboard controller of a PC (IBM PC AT technical reference; Intel 8042). Every wait has a limit: a controller that does not answer is absent. <see cref="TryRead"/>
/// and <see cref="TrySend"/>: any context but NMI, by one CPU at a time; the others in task context while its interrupts are off.
/// </summary>
/// <param name="data">Port 0x60.</param>
/// <param name="command">Port 0x64: commands, and status when read.</param>
public sealed class KeyboardController(PortRange data, PortRange command)
{
    /// <summary>Port of data.</summary>
    public const ushort DataPort = 0x60;

    /// <summary>Port of commands and status.</summary>
    public const ushort CommandPort = 0x64;

    private const byte OutputFull = 0x01;
    private const byte InputFull = 0x02;
    private const byte FromSecondPort = 0x20;

    private const byte ReadConfiguration = 0x20;
    private const byte WriteConfiguration = 0x60;
    private const byte DisableSecondPort = 0xA7;
    private const byte SelfTest = 0xAA;
    private const byte SelfTestPassed = 0x55;
    private const byte TestFirstPort = 0xAB;
    private const byte DisableFirstPort = 0xAD;
    private const byte EnableFirstPort = 0xAE;

    private const byte FirstPortInterrupt = 0x01;
    private const byte SecondPortInterrupt = 0x02;
    private const byte FirstPortClockOff = 0x10;
    private const byte Translation = 0x40;

    private const byte Acknowledge = 0xFA;
    private const byte Resend = 0xFE;

    private const ulong AnswerNanoseconds = 50_000_000;
    private const ulong ResetNanoseconds = 1_000_000_000;
    private const ulong PollNanoseconds = 20_000;

    /// <summary>Whether something answers at its ports.</summary>
    public bool IsPresent => command.Read8(0) != 0xFF;

    /// <summary>Tests the controller and brings it up with its interrupts off: keyboard port on, mouse port off, scan codes translated to set 1.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Initialize()
    {
        if (!IsPresent)
        {
            return "no keyboard controller";
        }

        // Nothing is to come in while it is set up.
        if (!Command(DisableFirstPort) || !Command(DisableSecondPort))
        {
            return "the keyboard controller takes no command";
        }

        Drain();
        if (!RunSelfTest(out byte result))
        {
            return $"the keyboard controller failed its self-test with 0x{result:x}";
        }

        byte configuration = Translation;
        if (!Command(WriteConfiguration) || !Send(configuration) || !Ask(ReadConfiguration, AnswerNanoseconds, out byte read) || (read & ~FirstPortClockOff) != configuration)
        {
            return "the keyboard controller does not keep its configuration";
        }

        if (!Ask(TestFirstPort, AnswerNanoseconds, out result) || result != 0)
        {
            return $"the keyboard port failed its test with 0x{result:x}";
        }

        return Command(EnableFirstPort) ? null : "the keyboard controller takes no command";
    }

    /// <summary>The controller's own test; afterwards its configuration may be lost.</summary>
    public bool RunSelfTest(out byte result) => Ask(SelfTest, ResetNanoseconds, out result) && result == SelfTestPassed;

    /// <summary>Resets the keyboard and lets it send.</summary>
    /// <returns>False when none answers.</returns>
    public bool ResetKeyboard()
    {
        const byte reset = 0xFF;
        const byte useSet = 0xF0;
        const byte enable = 0xF4;
        bool passed = false;

        // A keyboard that was left in the middle of a command may take the first reset for its argument.
        for (int attempt = 0; attempt < 2 && !passed; attempt++)
        {
            passed = SendToKeyboard(reset) && Receive(ResetNanoseconds, out byte test) && test == 0xAA;
        }

        return passed && SendToKeyboard(useSet) && SendToKeyboard(2) && SendToKeyboard(enable);
    }

    /// <summary>Lets the keyboard's interrupts through, or stops them.</summary>
    public bool EnableInterrupt(bool on)
    {
        byte configuration = (byte)(on ? Translation | FirstPortInterrupt : Translation);
        return Command(WriteConfiguration) && Send(configuration);
    }

    /// <summary>Throws away what waits to be read.</summary>
    public void Drain()
    {
        for (int i = 0; i < 64 && (command.Read8(0) & OutputFull) != 0; i++)
        {
            _ = data.Read8(0);
            Clock.Delay(PollNanoseconds);
        }
    }

    /// <summary>Takes a byte from the keyboard if there is one.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="isKeyboard">False when it came from the mouse port.</param>
    [NoAllocation]
    public bool TryRead(out byte value, out bool isKeyboard)
    {
        byte status = command.Read8(0);
        isKeyboard = (status & FromSecondPort) == 0;
        value = 0;
        if ((status & OutputFull) == 0 || status == 0xFF)
        {
            return false;
        }

        value = data.Read8(0);
        return true;
    }

    /// <summary>Sends the keyboard a byte if the controller takes one now.</summary>
    [NoAllocation]
    public bool TrySend(byte value)
    {
        if ((command.Read8(0) & InputFull) != 0)
        {
            return false;
        }

        data.Write8(0, value);
        return true;
    }

    /// <summary>Lets a byte come in as if the keyboard had sent it, interrupt included: for tests.</summary>
    public bool Feign(byte value)
    {
        const byte writeOutput = 0xD2;
        return Command(writeOutput) && Send(value);
    }

    private bool SendToKeyboard(byte value)
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            if (!Send(value) || !Receive(AnswerNanoseconds * 4, out byte answer))
            {
                return false;
            }

            if (answer != Resend)
            {
                return answer == Acknowledge;
            }
        }

        return false;
    }

    private bool Ask(byte value, ulong nanoseconds, out byte answer)
    {
        answer = 0xFF;
        return Command(value) && Receive(nanoseconds, out answer);
    }

    private bool Command(byte value)
    {
        if (!WaitForInput())
        {
            return false;
        }

        command.Write8(0, value);
        return true;
    }

    private bool Send(byte value)
    {
        if (!WaitForInput())
        {
            return false;
        }

        data.Write8(0, value);
        return true;
    }

    private bool WaitForInput()
    {
        ulong start = Clock.MonotonicNanoseconds;
        while ((command.Read8(0) & InputFull) != 0)
        {
            if (Clock.MonotonicNanoseconds - start > AnswerNanoseconds)
            {
                return false;
            }

            Clock.Delay(PollNanoseconds);
        }

        return true;
    }

    private bool Receive(ulong nanoseconds, out byte value)
    {
        ulong start = Clock.MonotonicNanoseconds;
        while (!TryRead(out value, out _))
        {
            if (Clock.MonotonicNanoseconds - start > nanoseconds)
            {
                return false;
            }

            Clock.Delay(PollNanoseconds);
        }

        return true;
    }
}
