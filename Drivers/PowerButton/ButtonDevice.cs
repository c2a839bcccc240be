using System;
using System.Threading;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Drivers.PowerButton;

/// <summary>
/// The power button of ACPI's fixed hardware (ACPI 6.5, section 4.8.2.2.1): a press is KEY_POWER pressed and released. When no program has the device open, the machine is switched off in order.
/// </summary>
internal sealed class ButtonDevice : InputDevice
{
    /// <summary>KEY_POWER.</summary>
    public const ushort PowerKey = 116;

    /// <summary>PWRBTN_STS and PWRBTN_EN.</summary>
    public const ushort PowerButton = 1 << 8;

    // A status bit that cannot be taken back would interrupt for ever.
    private const int MostStuck = 1_000;

    private readonly ButtonRegisters _registers;
    private readonly PressWork _work;
    private readonly Action<bool> _pressed;

    [Protocol("Touched by the interrupt only.")]
    private int _stuck;

    [Atomic]
    private int _presses;

    /// <summary>Makes the device.</summary>
    /// <param name="registers">Its registers.</param>
    /// <param name="pressed">Called in task context after a press; with true when a program heard of it.</param>
    public ButtonDevice(ButtonRegisters registers, Action<bool> pressed)
        : base("Power Button", "LNXPWRBN/button/input0", new InputIdentity(InputIdentity.HostBus, 0, 1, 0))
    {
        _registers = registers;
        _pressed = pressed;
        _work = new PressWork(this);
        Interrupt = new SystemControlInterrupt(this);
        Allow(InputEventType.Key, PowerKey);
    }

    /// <summary>Serves the system control interrupt.</summary>
    public InterruptHandler Interrupt { get; }

    /// <summary>Presses so far. Any context.</summary>
    public int Presses => Volatile.Read(ref _presses);

    /// <summary>Takes back a press from before, and lets presses interrupt.</summary>
    public void Enable()
    {
        _registers.ClearStatus(PowerButton);
        _registers.WriteEnabled((ushort)(_registers.ReadEnabled() | PowerButton));
    }

    /// <summary>No press interrupts any more. Task context; after the interrupt handler was removed.</summary>
    [MightSleep]
    public void Disable()
    {
        _registers.WriteEnabled((ushort)(_registers.ReadEnabled() & ~PowerButton));
        _work.CancelAndWait();
    }

    [InterruptContext]
    private bool Serve()
    {
        ushort status = _registers.ReadStatus();

        // An absent block reads as all ones.
        if (status == 0xFFFF || (status & PowerButton) == 0 || (_registers.ReadEnabled() & PowerButton) == 0)
        {
            return false;
        }

        _registers.ClearStatus(PowerButton);
        if ((_registers.ReadStatus() & PowerButton) == 0)
        {
            _stuck = 0;
        }
        else if (++_stuck == MostStuck)
        {
            _registers.WriteEnabled((ushort)(_registers.ReadEnabled() & ~PowerButton));
            return true;
        }
        else if (_stuck > 1)
        {
            return true;
        }

        Interlocked.Increment(ref _presses);
        _work.Queue();
        return true;
    }

    [MightSleep]
    private void TellPress()
    {
        ReportKey(PowerKey, isDown: true);
        Synchronize();
        ReportKey(PowerKey, isDown: false);
        Synchronize();
        _pressed(HasListener);
    }

    private sealed class SystemControlInterrupt(ButtonDevice button) : InterruptHandler
    {
        public override string Name => "acpi";

        public override bool Handle() => button.Serve();
    }

    private sealed class PressWork(ButtonDevice button) : WorkItem(WorkQueues.Default)
    {
        protected override void Execute() => button.TellPress();
    }
}
