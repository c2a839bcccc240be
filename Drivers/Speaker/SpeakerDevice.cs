using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Speaker;

/// <summary>
/// The PC speaker: channel 2 of the interval timer makes the tone (Intel 8254 data sheet, mode 3), port 0x61 lets it through. The kernel uses that channel only while it boots, and the timer's command
/// port serves each channel on its own.
/// </summary>
internal sealed class SpeakerDevice : InputDevice
{
    /// <summary>Port of the channel's count; the command is the next.</summary>
    public const ushort TimerPort = 0x42;

    /// <summary>Port that lets the tone through.</summary>
    public const ushort ControlPort = 0x61;

    private const int Frequency = 1_193_182;
    private const int BellHertz = 1_000;

    // Channel 2, low byte then high byte, square wave, binary.
    private const byte SquareWave = 0xB6;
    private const byte GateAndSpeaker = 0x03;

    private readonly PortRange _timer;
    private readonly PortRange _control;

    /// <summary>Makes the device, silent.</summary>
    /// <param name="timer">Ports 0x42, the channel's count, and 0x43, the timer's command.</param>
    /// <param name="control">Port 0x61.</param>
    public SpeakerDevice(PortRange timer, PortRange control)
        : base("PC Speaker", "isa0061/input0", new InputIdentity(InputIdentity.IsaBus, 0x1F, 1, 0x100))
    {
        _timer = timer;
        _control = control;
        Allow(InputEventType.Sound, [InputCodes.Bell, InputCodes.Tone]);
        Sound(0);
    }

    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnOutput(InputEvent output)
    {
        if (output.Type == InputEventType.Sound)
        {
            Sound(output.Code == InputCodes.Bell ? (output.Value != 0 ? BellHertz : 0) : output.Value);
        }
    }

    /// <summary>What the timer counts to for a tone; 0 for silence.</summary>
    /// <param name="hertz">The tone; beyond 20 and 32,766 it is silence.</param>
    [NoAllocation]
    internal static int CountOf(int hertz) => hertz is > 20 and < 32_767 ? Frequency / hertz : 0;

    /// <summary>Begins a tone, or silence. With the device's lock held, or before the device is added.</summary>
    [NoAllocation]
    internal void Sound(int hertz)
    {
        int count = CountOf(hertz);
        if (count == 0)
        {
            _control.Write8(0, (byte)(_control.Read8(0) & ~GateAndSpeaker));
            return;
        }

        _timer.Write8(1, SquareWave);
        _timer.Write8(0, (byte)count);
        _timer.Write8(0, (byte)(count >> 8));
        _control.Write8(0, (byte)(_control.Read8(0) | GateAndSpeaker));
    }
}
