using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>One of the controller's two ports: sends commands to the device there, and gives what it sends to its driver.</summary>
public sealed class Ps2Port
{
    /// <summary>How long a device has for an acknowledgement, in nanoseconds (PS/2 keyboard specification: 20 ms; slow ones take more).</summary>
    public const ulong AnswerNanoseconds = 250_000_000;

    private const int MostTries = 3;

    // Interrupts may be lost: who waits looks for himself so often.
    private const ulong LookNanoseconds = 5_000_000;

    private readonly Ps2Controller _controller;
    private readonly WaitQueue _answered = new("PS/2 answer");

    // One command at a time.
    private readonly Mutex _commands;

    [Protocol("Touched with the controller's lock held.")]
    private readonly CommandAnswers _answers = new();

    [Atomic]
    private Ps2Driver? _driver;

    internal Ps2Port(Ps2Controller controller, int number)
    {
        _controller = controller;
        Number = number;
        _commands = new Mutex(number == 0 ? "PS/2 port 0" : "PS/2 port 1");
    }

    /// <summary>0 for the keyboard's, 1 for the mouse's.</summary>
    public int Number { get; }

    /// <summary>Bytes that came with an error.</summary>
    [Protocol("Written with the controller's lock held; read by reports.")]
    public long Broken { get; private set; }

    /// <summary>Where it is, as Linux names it.</summary>
    public string PhysicalPath => Number == 0 ? "isa0060/serio0" : "isa0060/serio1";

    /// <summary>Makes a driver the one that gets what the device sends. Any context but NMI.</summary>
    /// <returns>False when the port has one.</returns>
    public bool TryAttach(Ps2Driver driver) => Interlocked.CompareExchange(ref _driver, driver, null) is null;

    /// <summary>Ends <see cref="TryAttach"/>: afterwards the driver is not called any more. Task context.</summary>
    public void Detach(Ps2Driver driver)
    {
        if (Interlocked.CompareExchange(ref _driver, null, driver) == driver)
        {
            _controller.Quiesce();
        }
    }

    /// <summary>Sends a command and waits for what the device says. Task context.</summary>
    /// <param name="command">Its bytes; each is sent after the acknowledgement of the one before it.</param>
    /// <param name="answers">Gets the bytes of answer, at most <see cref="CommandAnswers.Most"/>; all of them must come.</param>
    /// <param name="nanoseconds">How long the answer may take after the last acknowledgement.</param>
    /// <returns>False when the device, or the controller, does not answer or refuses; never later than a second for each byte, and the time of the answer.</returns>
    [MightSleep]
    public bool Command(ReadOnlySpan<byte> command, Span<byte> answers = default, ulong nanoseconds = AnswerNanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(answers.Length, CommandAnswers.Most);
        using (_commands.Enter())
        {
            using (_controller.Lock.Enter())
            {
                _answers.Begin();
            }

            bool done = true;
            for (int i = 0; i < command.Length && done; i++)
            {
                done = SendByte(command[i], i == command.Length - 1 ? answers.Length : 0);
            }

            done = done && (answers.IsEmpty || Wait(nanoseconds, static answers => answers.IsComplete));
            using (_controller.Lock.Enter())
            {
                _answers.CopyTo(answers);
                _answers.End();
            }

            return done;
        }
    }

    // With the controller's lock held, in its interrupt or by who looks for lost ones.
    [NoAllocation]
    internal void Take(PortByte received, ulong now)
    {
        if (received.IsBroken)
        {
            Broken++;
        }

        if (!received.IsBroken && _answers.Take(received.Value))
        {
            _answered.WakeAll();
        }
        else
        {
            Volatile.Read(ref _driver)?.Receive(received.Value, received.IsBroken, now);
        }
    }

    [MightSleep]
    private bool SendByte(byte value, int answers)
    {
        for (int attempt = 0; attempt < MostTries; attempt++)
        {
            using (_controller.Lock.Enter())
            {
                _answers.Sending(answers);
                if (!_controller.Chip.Send(Number, value))
                {
                    return false;
                }
            }

            Acknowledgement acknowledgement = Acknowledgement.Awaited;
            if (Wait(AnswerNanoseconds, static answers => answers.State != Acknowledgement.Awaited))
            {
                using (_controller.Lock.Enter())
                {
                    acknowledgement = _answers.State;
                }
            }

            if (acknowledgement != Acknowledgement.Again)
            {
                return acknowledgement == Acknowledgement.Given;
            }
        }

        return false;
    }

    [MightSleep]
    private bool Wait(ulong nanoseconds, Predicate<CommandAnswers> condition)
    {
        ulong start = _controller.Registers.Now;
        while (true)
        {
            _controller.Collect();
            using WaitQueue.Wait wait = _answered.Begin(_controller.NowOfTimers + LookNanoseconds, WaitMode.Uninterruptible);
            wait.Prepare();
            using (_controller.Lock.Enter())
            {
                if (condition(_answers))
                {
                    return true;
                }
            }

            if (_controller.Registers.Now - start > nanoseconds)
            {
                return false;
            }

            wait.Sleep();
        }
    }
}
