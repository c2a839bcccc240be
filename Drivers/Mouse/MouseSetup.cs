using System;
using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Mouse;

/// <summary>The commands that set a PS/2 mouse up (IBM PS/2 mouse technical reference). Task context.</summary>
/// <param name="port">Where it is.</param>
/// <param name="most">The best protocol to try.</param>
/// <param name="rate">Packets a second: the mouse takes the next lower of 10, 20, 40, 60, 80, 100, 200.</param>
internal sealed class MouseSetup(Ps2Port port, MouseProtocol most, int rate)
{
    private const byte Reset = 0xFF;
    private const byte SelfTestPassed = 0xAA;
    private const byte Identify = 0xF2;
    private const byte SetRate = 0xF3;
    private const byte SetResolution = 0xE8;
    private const byte OneToOne = 0xE6;
    private const byte Enable = 0xF4;
    private const byte Disable = 0xF5;
    private const byte EightCountsPerMillimetre = 3;
    private const ulong ResetNanoseconds = 2_000_000_000;

    /// <summary>Resets the mouse and finds out what it can do.</summary>
    /// <returns>False when none answers.</returns>
    [MightSleep]
    public bool TryDetect(out MouseProtocol protocol)
    {
        protocol = MouseProtocol.Standard;
        Span<byte> result = stackalloc byte[2];
        if (!port.Command([Reset], result, ResetNanoseconds) || result[0] != SelfTestPassed || !TryIdentify(out byte identity))
        {
            return false;
        }

        // A sequence of rates that nobody means is the question whether the mouse has a wheel; another one, whether it has five buttons.
        if (most >= MouseProtocol.Wheel && Rates(200, 100, 80) && TryIdentify(out identity) && identity == (byte)MouseProtocol.Wheel)
        {
            protocol = MouseProtocol.Wheel;
            if (most >= MouseProtocol.FiveButtons && Rates(200, 200, 80) && TryIdentify(out identity) && identity == (byte)MouseProtocol.FiveButtons)
            {
                protocol = MouseProtocol.FiveButtons;
            }
        }

        return true;
    }

    /// <summary>Sets rate and resolution, and lets the mouse send.</summary>
    [MightSleep]
    public bool Begin() => port.Command([SetRate, ActualRate()]) && port.Command([SetResolution, EightCountsPerMillimetre]) && port.Command([OneToOne]) && port.Command([Enable]);

    /// <summary>Keeps the mouse from sending.</summary>
    [MightSleep]
    public void End() => port.Command([Disable]);

    private byte ActualRate()
    {
        byte actual = 10;
        foreach (byte possible in (ReadOnlySpan<byte>)[20, 40, 60, 80, 100, 200])
        {
            actual = possible <= rate ? possible : actual;
        }

        return actual;
    }

    [MightSleep]
    private bool Rates(byte first, byte second, byte third) => port.Command([SetRate, first]) && port.Command([SetRate, second]) && port.Command([SetRate, third]);

    [MightSleep]
    private bool TryIdentify(out byte identity)
    {
        Span<byte> answer = stackalloc byte[1];
        bool answered = port.Command([Identify], answer);
        identity = answer[0];
        return answered;
    }
}
