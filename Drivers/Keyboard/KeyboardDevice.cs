using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>A PS/2 keyboard as an input device: keys with their scan codes, three lights, and a rate of repetition that the keyboard itself keeps.</summary>
internal sealed class KeyboardDevice : InputDevice, IDisposable
{
    private const byte Reset = 0xFF;
    private const byte SelfTestPassed = 0xAA;
    private const byte UseSet = 0xF0;
    private const byte EnableSending = 0xF4;
    private const byte DisableSending = 0xF5;
    private const byte SetRate = 0xF3;
    private const byte SetLights = 0xED;
    private const ulong ResetNanoseconds = 1_500_000_000;
    private const ulong LastLookNanoseconds = 1_000_000_000;

    private readonly Ps2Port _port;
    private readonly Receiver _receiver;
    private readonly OutputWork _outputs;

    // What the keyboard shall show and do, from OnOutput to the work item.
    [Atomic]
    private int _lightsWanted;

    /// <summary>Makes a device for the keyboard at a port.</summary>
    public KeyboardDevice(Ps2Port port)
        : base("AT Translated Set 2 keyboard", port.PhysicalPath + "/input0", new InputIdentity(InputIdentity.Ps2Bus, 1, 1, 0xAB41))
    {
        _port = port;
        _receiver = new Receiver(this);
        _outputs = new OutputWork(this);
        RepeatsItself = true;
        Allow(InputEventType.Key, AllKeys());
        Allow(InputEventType.Miscellaneous, InputCodes.ScanCode);
        Allow(InputEventType.Light, [InputCodes.NumLight, InputCodes.CapsLight, InputCodes.ScrollLight]);
        Allow(InputEventType.Repeat, [InputCodes.RepeatDelay, InputCodes.RepeatPeriod]);
    }

    /// <summary>Bytes that belong to no known key.</summary>
    [Protocol("Written with the controller's lock held; read by reports.")]
    public long Unknown { get; private set; }

    /// <summary>Takes the port, resets the keyboard and lets it send. Task context.</summary>
    /// <returns>Null, or what is wrong.</returns>
    [MightSleep]
    public string? Start()
    {
        if (!_port.TryAttach(_receiver))
        {
            return "the keyboard's port is in use";
        }

        if (!ResetKeyboard())
        {
            _port.Detach(_receiver);
            return "no keyboard";
        }

        return null;
    }

    /// <summary>Silences the keyboard and gives the port back. Task context; after the device was removed from the input core.</summary>
    [MightSleep]
    public void Dispose()
    {
        _outputs.CancelAndWait();
        _port.Command([DisableSending]);
        _port.Detach(_receiver);
    }

    /// <summary>Resets the keyboard and lets it send. Task context.</summary>
    [MightSleep]
    public bool ResetKeyboard()
    {
        Span<byte> result = stackalloc byte[1];
        bool passed = false;

        // A keyboard that was left in the middle of a command may take the first reset for its argument.
        for (int attempt = 0; attempt < 2 && !passed; attempt++)
        {
            passed = _port.Command([Reset], result, attempt == 0 ? ResetNanoseconds : LastLookNanoseconds) && result[0] == SelfTestPassed;
        }

        return passed && _port.Command([UseSet, 2]) && _port.Command([EnableSending]);
    }

    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnOutput(InputEvent output)
    {
        // Commands wait for answers: that is for a task.
        if (output.Type == InputEventType.Light)
        {
            int bit = 1 << (output.Code switch { InputCodes.NumLight => 1, InputCodes.CapsLight => 2, _ => 0 });
            int seen = Volatile.Read(ref _lightsWanted);
            Volatile.Write(ref _lightsWanted, output.Value != 0 ? seen | bit : seen & ~bit);
            _outputs.Queue();
        }
        else if (output.Type == InputEventType.Repeat)
        {
            _outputs.QueueRate();
        }
    }

    private static ushort[] AllKeys()
    {
        var keys = new SortedSet<ushort> { ScanCodes.Pause };
        for (int code = 1; code < 0x80; code++)
        {
            keys.Add(ScanCodes.KeyOf((byte)code, extended: false));
            keys.Add(ScanCodes.KeyOf((byte)code, extended: true));
        }

        keys.Remove(0);
        return [.. keys];
    }

    [InterruptContext]
    private void Receive(ushort code, ushort key, bool isDown)
    {
        Report(InputEventType.Miscellaneous, InputCodes.ScanCode, code);
        if (key == 0)
        {
            Unknown++;
        }
        else
        {
            Report(InputEventType.Key, key, !isDown ? 0 : IsSet(InputEventType.Key, key) ? 2 : 1);
        }

        Synchronize();
    }

    // The keyboard's own code of a rate (IBM PS/2 keyboard specification, command F3): bits 5 and 6 the delay in quarters of a second, the others the period (8 + A) * 2^B / 240 s.
    internal static byte RateOf(int delay, int period)
    {
        int quarters = Math.Clamp((delay + 125) / 250, 1, 4);
        int best = 0;
        int bestError = int.MaxValue;
        for (int i = 0; i < 32; i++)
        {
            int milliseconds = (8 + (i & 7)) * (1 << (i >> 3)) * 1000 / 240;
            int error = Math.Abs(milliseconds - period);
            (best, bestError) = error < bestError ? (i, error) : (best, bestError);
        }

        return (byte)(((quarters - 1) << 5) | best);
    }

    [MightSleep]
    private void SendOutputs(bool withRate)
    {
        _port.Command([SetLights, (byte)Volatile.Read(ref _lightsWanted)]);
        if (withRate)
        {
            (int delay, int period) = RepeatRate;
            _port.Command([SetRate, RateOf(delay, period)]);
        }
    }

    private sealed class Receiver(KeyboardDevice keyboard) : Ps2Driver
    {
        [Protocol("Used with the controller's lock held.")]
        private readonly ScanCodes _codes = new();

        public override void Receive(byte value, bool isBroken, ulong now)
        {
            // 00 and FF: the keyboard has lost keys.
            if (isBroken || value is 0x00 or 0xFF)
            {
                _codes.Reset();
            }
            else if (_codes.TryTake(value, out ushort code, out ushort key, out bool isDown))
            {
                keyboard.Receive(code, key, isDown);
            }
        }
    }

    private sealed class OutputWork(KeyboardDevice keyboard) : WorkItem(WorkQueues.Default)
    {
        [Atomic]
        private int _withRate;

        [NoAllocation]
        public void QueueRate()
        {
            Volatile.Write(ref _withRate, 1);
            Queue();
        }

        protected override void Execute() => keyboard.SendOutputs(Interlocked.Exchange(ref _withRate, 0) != 0);
    }
}
