using System;
using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Drivers.Mouse;

/// <summary>A PS/2 mouse as an input device.</summary>
internal sealed class MouseDevice : InputDevice, IDisposable
{
    /// <summary>INPUT_PROP_POINTER.</summary>
    private const ulong Pointer = 1;

    private const ushort LeftButton = 0x110;
    private const int FineSteps = 120;

    private readonly MouseSetup _setup;
    private readonly Ps2Port _port;
    private readonly Receiver _receiver;
    private readonly ResetWork _reset;

    private MouseDevice(Ps2Port port, MouseSetup setup, MouseProtocol protocol)
        : base(NameOf(protocol), port.PhysicalPath + "/input0", new InputIdentity(InputIdentity.Ps2Bus, 2, ProductOf(protocol), 0))
    {
        _port = port;
        _setup = setup;
        Protocol = protocol;
        Properties = Pointer;
        _receiver = new Receiver(this);
        _reset = new ResetWork(this);
        int buttons = protocol == MouseProtocol.FiveButtons ? 5 : 3;
        for (int i = 0; i < buttons; i++)
        {
            Allow(InputEventType.Key, (ushort)(LeftButton + i));
        }

        Allow(InputEventType.Relative, [InputCodes.RelativeX, InputCodes.RelativeY]);
        if (protocol != MouseProtocol.Standard)
        {
            Allow(InputEventType.Relative, [InputCodes.Wheel, InputCodes.FineWheel]);
        }
    }

    /// <summary>What the mouse sends.</summary>
    public MouseProtocol Protocol { get; }

    /// <summary>How often the mouse had to be set up anew.</summary>
    [Protocol("Written by the work item; read by reports.")]
    public long Resets { get; private set; }

    /// <summary>Looks for a mouse at a port, and sets it up; it sends from then on. Task context.</summary>
    /// <param name="port">The port.</param>
    /// <param name="most">The best protocol to try.</param>
    /// <param name="rate">Packets a second, 10 to 200.</param>
    /// <param name="device">The device; null with a problem.</param>
    /// <returns>Null, or what is wrong.</returns>
    [MightSleep]
    public static string? TryStart(Ps2Port port, MouseProtocol most, int rate, out MouseDevice? device)
    {
        device = null;
        var setup = new MouseSetup(port, most, rate);
        if (!setup.TryDetect(out MouseProtocol protocol))
        {
            return "no mouse";
        }

        var found = new MouseDevice(port, setup, protocol);
        if (!port.TryAttach(found._receiver))
        {
            return "the mouse's port is in use";
        }

        if (!setup.Begin())
        {
            found._receiver.Stop();
            found._reset.CancelAndWait();
            port.Detach(found._receiver);
            return "the mouse does not begin to send";
        }

        device = found;
        return null;
    }

    /// <summary>Silences the mouse and gives the port back. Task context; after the device was removed from the input core.</summary>
    [MightSleep]
    public void Dispose()
    {
        _receiver.Stop();
        _reset.CancelAndWait();
        _setup.End();
        _port.Detach(_receiver);
    }

    private static string NameOf(MouseProtocol protocol) => protocol switch
    {
        MouseProtocol.FiveButtons => "ImExPS/2 Generic Explorer Mouse",
        MouseProtocol.Wheel => "ImPS/2 Generic Wheel Mouse",
        _ => "PS/2 Generic Mouse",
    };

    // Linux's numbers of the protocols.
    private static ushort ProductOf(MouseProtocol protocol) => protocol switch
    {
        MouseProtocol.FiveButtons => 6,
        MouseProtocol.Wheel => 5,
        _ => 1,
    };

    [InterruptContext]
    private void Report(MouseState state)
    {
        for (int i = 0; i < 5; i++)
        {
            ReportKey((ushort)(LeftButton + i), (state.Buttons & (1 << i)) != 0);
        }

        Report(InputEventType.Relative, InputCodes.RelativeX, state.X);
        Report(InputEventType.Relative, InputCodes.RelativeY, state.Y);
        Report(InputEventType.Relative, InputCodes.Wheel, state.Wheel);
        Report(InputEventType.Relative, InputCodes.FineWheel, state.Wheel * FineSteps);
        Synchronize();
    }

    [MightSleep]
    private void SetUpAnew()
    {
        Resets++;
        ReleaseKeys();

        // Another mouse may be there now. One that can do less is used as what it is not: its packets would be read wrongly.
        bool works = _setup.TryDetect(out MouseProtocol protocol) && protocol == Protocol && _setup.Begin();
        _receiver.Resume(works);
    }

    private sealed class Receiver(MouseDevice mouse) : Ps2Driver
    {
        [GuardedBy(nameof(_lock))]
        private readonly PacketDecoder _packets = new(mouse.Protocol);

        private IrqSpinLock _lock = new(LockClasses.Register("mouse.packets"));

        [GuardedBy(nameof(_lock))]
        private bool _isPaused;

        [GuardedBy(nameof(_lock))]
        private bool _isStopped;

        public override void Receive(byte value, bool isBroken, ulong now)
        {
            bool isComplete;
            MouseState state;
            using (_lock.Enter())
            {
                if (_isPaused || _isStopped)
                {
                    return;
                }

                isComplete = _packets.TryTake(value, isBroken, now, out state);
                if (_packets.NeedsReset)
                {
                    _isPaused = true;
                    mouse._reset.Queue();
                }
            }

            if (isComplete)
            {
                mouse.Report(state);
            }
        }

        // What comes while the mouse is set up belongs to no packet.
        public void Resume(bool works)
        {
            using (_lock.Enter())
            {
                _packets.Reset();
                _isPaused = !works;
            }
        }

        public void Stop()
        {
            using (_lock.Enter())
            {
                _isStopped = true;
            }
        }
    }

    private sealed class ResetWork(MouseDevice mouse) : WorkItem(WorkQueues.Default)
    {
        protected override void Execute() => mouse.SetUpAnew();
    }
}
