using System;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>Serves the keyboard's interrupt: decodes keys into the console's input, and keeps the lights in step with the locks.</summary>
internal sealed class KeyboardDevice(KeyboardController controller, KeyDecoder decoder, ConsoleInput input) : InterruptHandler
{
    private const byte SetLights = 0xED;
    private const byte Acknowledge = 0xFA;
    private const byte Resend = 0xFE;
    private const byte NumLight = 2;
    private const byte CapsLight = 4;
    private const int MostBytes = 32;
    private const int MostWaits = 50;
    private const ulong WaitNanoseconds = 1_000_000;

    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock))]
    private byte _lights;

    // Setting the lights: a command and its argument, each sent after the answer to what came before it.
    [GuardedBy(nameof(_lock))]
    private LightState _state;

    private enum LightState : byte
    {
        Idle,
        CommandSent,
        ArgumentSent,
    }

    /// <inheritdoc/>
    public override string Name => "keyboard";

    /// <summary>Sets the lights for the first time.</summary>
    public void Start()
    {
        using (_lock.Enter())
        {
            UpdateLights();
        }
    }

    /// <summary>Waits, a short time, until the keyboard has answered everything that it was sent. Task context.</summary>
    public void Settle()
    {
        for (int i = 0; i < MostWaits; i++)
        {
            using (_lock.Enter())
            {
                if (_state == LightState.Idle)
                {
                    return;
                }
            }

            KernelTask.Sleep(WaitNanoseconds);
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        bool any = false;
        Span<byte> typed = stackalloc byte[KeyDecoder.MostBytes];
        using (_lock.Enter())
        {
            for (int i = 0; i < MostBytes && controller.TryRead(out byte value, out bool isKeyboard); i++)
            {
                any = true;
                if (!isKeyboard || TakeAnswer(value))
                {
                    continue;
                }

                int count = decoder.Decode(value, typed);
                if (count > 0)
                {
                    input.Add(typed[..count]);
                }

                UpdateLights();
            }
        }

        return any;
    }

    // Answers to commands are no scan codes: FA and FE are no keys of set 1.
    [RequiresLock(nameof(_lock))]
    private bool TakeAnswer(byte value)
    {
        if (value is not (Acknowledge or Resend))
        {
            return false;
        }

        bool sendsArgument = _state == LightState.CommandSent && value == Acknowledge && controller.TrySend(_lights);
        _state = sendsArgument ? LightState.ArgumentSent : LightState.Idle;
        return true;
    }

    [RequiresLock(nameof(_lock))]
    private void UpdateLights()
    {
        byte wanted = (byte)((decoder.NumLock ? NumLight : 0) | (decoder.CapsLock ? CapsLight : 0));
        if (wanted != _lights && controller.TrySend(SetLights))
        {
            _lights = wanted;
            _state = LightState.CommandSent;
        }
    }
}
