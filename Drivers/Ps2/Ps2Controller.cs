using System.Threading;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>
/// The controller that keyboard and mouse share: one register for what both send. Whichever interrupt comes takes all that is there and gives each byte to its port, so it does not matter whose it was.
/// </summary>
public sealed class Ps2Controller
{
    // A controller that never runs dry must not keep the CPU; the next interrupt goes on.
    private const int MostBytes = 32;

    [Atomic]
    private static Ps2Controller? s_instance;

    // The lock, for the ports.
    internal IrqSpinLock Lock = new(LockClasses.Register("ps2.controller"));

    [GuardedBy(nameof(Lock))]
    internal readonly ControllerChip Chip;

    [Immutable]
    private readonly Ps2Port[] _ports;

    /// <summary>Makes one over a controller that is not set up yet. Task context.</summary>
    /// <param name="registers">Its ports.</param>
    public Ps2Controller(Ps2Registers registers)
    {
        Registers = registers;
        Chip = new ControllerChip(registers);
        _ports = [new Ps2Port(this, 0), new Ps2Port(this, 1)];
        KeyboardInterrupt = new PortInterrupt(this, "i8042 keyboard");
        MouseInterrupt = new PortInterrupt(this, "i8042 mouse");
    }

    /// <summary>The machine's controller, while its module runs and it works. Any context.</summary>
    public static Ps2Controller? Instance => Volatile.Read(ref s_instance);

    /// <summary>The keyboard's port; null when it does not work.</summary>
    public Ps2Port? FirstPort => HasPort(0) ? _ports[0] : null;

    /// <summary>The mouse's port; null when there is none.</summary>
    public Ps2Port? SecondPort => HasPort(1) ? _ports[1] : null;

    /// <summary>Serves ISA interrupt 1.</summary>
    public InterruptHandler KeyboardInterrupt { get; }

    /// <summary>Serves ISA interrupt 12.</summary>
    public InterruptHandler MouseInterrupt { get; }

    internal Ps2Registers Registers { get; }

    // Waits end by the kernel's clock, whatever the registers' one says.
    internal ulong NowOfTimers => Clock.MonotonicNanoseconds;

    /// <summary>Tests and sets up the controller, interrupts off. Task context; up to a second when something is broken.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Initialize()
    {
        // Nobody else knows the controller yet, and the waits are too long for its lock.
        return Unlocked.Initialize();
    }

    /// <summary>Lets interrupts through, or stops them. Task context.</summary>
    public bool EnableInterrupts(bool on)
    {
        using (Lock.Enter())
        {
            return Chip.EnableInterrupts(on);
        }
    }

    /// <summary>Takes all bytes that the controller has. Any context but NMI.</summary>
    /// <returns>Whether there were any.</returns>
    [NoAllocation]
    public bool Collect()
    {
        bool any = false;
        using (Lock.Enter())
        {
            for (int i = 0; i < MostBytes && Chip.TryRead(out PortByte received); i++)
            {
                any = true;
                _ports[received.Port].Take(received, Registers.Now);
            }
        }

        return any;
    }

    /// <summary>Lets a byte come in as if a device had sent it: for tests. Task context.</summary>
    internal bool Feign(int port, byte value)
    {
        using (Lock.Enter())
        {
            return Chip.Feign(port, value);
        }
    }

    /// <summary>Makes it the machine's. Task context.</summary>
    internal void Publish() => Volatile.Write(ref s_instance, this);

    /// <summary>Takes it back. Task context.</summary>
    internal static void Withdraw() => Volatile.Write(ref s_instance, null);

    /// <summary>Whoever was called before this with the lock held has returned after it. Task context.</summary>
    internal void Quiesce()
    {
        using (Lock.Enter())
        {
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Locking", "CKL003", Justification = "Used before interrupts and ports are handed out.")]
    private ControllerChip Unlocked => Chip;

    private bool HasPort(int number)
    {
        using (Lock.Enter())
        {
            return number == 0 ? Chip.HasFirstPort : Chip.HasSecondPort;
        }
    }

    private sealed class PortInterrupt(Ps2Controller controller, string name) : InterruptHandler
    {
        public override string Name => name;

        public override bool Handle() => controller.Collect();
    }
}
