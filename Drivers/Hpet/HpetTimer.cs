using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Hpet;

/// <summary>One timer of the block: opened by one at a time, who gets its interrupts counted.</summary>
internal sealed class HpetTimer : InterruptHandler
{
    /// <summary>No line.</summary>
    public const int NoLine = -1;

    // Lines above those of ISA are level-triggered.
    private const int IsaLines = 16;

    private static readonly LockClass s_lockClass = LockClasses.Register("hpet.timer");

    private readonly HpetRegisters _registers;
    private readonly int _line;
    private readonly bool _isLevel;

    private IrqSpinLock _lock = new(s_lockClass);

    // Ticks from one interrupt to the next; 0 before a rate was set.
    [GuardedBy(nameof(_lock))]
    private uint _period;

    [GuardedBy(nameof(_lock))]
    private uint _target;

    // See HpetRaster: how far ahead a target must be, in ticks.
    [GuardedBy(nameof(_lock))]
    private uint _margin;

    [GuardedBy(nameof(_lock))]
    private bool _isOn;

    [GuardedBy(nameof(_lock))]
    private bool _isPeriodic;

    [GuardedBy(nameof(_lock))]
    private ulong _events;

    [Atomic]
    private int _isOpen;

    /// <summary>Makes one that does nothing.</summary>
    /// <param name="registers">The block.</param>
    /// <param name="number">Which timer.</param>
    /// <param name="line">The line that it interrupts, or <see cref="NoLine"/>.</param>
    public HpetTimer(HpetRegisters registers, int number, int line)
    {
        _registers = registers;
        Number = number;
        _line = line;
        _isLevel = line >= IsaLines;
        registers.Write(number, HpetTimerFlags.None);
    }

    /// <inheritdoc/>
    public override string Name => "hpet";

    /// <summary>Its place in the block.</summary>
    public int Number { get; }

    /// <summary>Where its interrupts arrive. Only with a line.</summary>
    public InterruptLine Line => new((uint)_line, activeLow: _isLevel, levelTriggered: _isLevel);

    /// <summary>Whether it can interrupt.</summary>
    public bool HasLine => _line != NoLine;

    /// <summary>Repeats by itself if it is told to. Any context.</summary>
    public bool CanBePeriodic => (_registers.Read(Number) & HpetTimerFlags.CanBePeriodic) != 0;

    /// <summary>Who waits for interrupts.</summary>
    public PollQueue Queue { get; } = new("hpet");

    /// <summary>The rate in interrupts a second; 0 before one was set. Any context but NMI.</summary>
    public ulong Rate
    {
        get
        {
            using (_lock.Enter())
            {
                return _period == 0 ? 0 : (_registers.Frequency + (_period / 2)) / _period;
            }
        }
    }

    /// <summary>An interrupt was not read. Any context but NMI.</summary>
    public bool HasEvents
    {
        get
        {
            using (_lock.Enter())
            {
                return _events != 0;
            }
        }
    }

    /// <summary>Opens it: one at a time.</summary>
    public bool TryOpen() => Interlocked.CompareExchange(ref _isOpen, 1, 0) == 0;

    /// <summary>The opener goes: its interrupts end, and its rate is forgotten.</summary>
    public void Close()
    {
        Stop();
        using (_lock.Enter())
        {
            _period = 0;
            _events = 0;
            _isPeriodic = false;
        }

        Volatile.Write(ref _isOpen, 0);
    }

    /// <summary>Sets the rate; what runs goes on with the old one until it is started again.</summary>
    /// <param name="hertz">1 up to the counter's frequency.</param>
    /// <returns>EINVAL: another one.</returns>
    public Errno SetRate(ulong hertz)
    {
        ulong frequency = _registers.Frequency;
        if (hertz == 0 || hertz > frequency)
        {
            return Errno.EINVAL;
        }

        using (_lock.Enter())
        {
            _period = (uint)((frequency + (hertz / 2)) / hertz);
            return Errno.Ok;
        }
    }

    /// <summary>Chooses whether the hardware repeats by itself, from the next start on.</summary>
    /// <returns>ENXIO: it cannot.</returns>
    public Errno SetPeriodic(bool on)
    {
        if (!CanBePeriodic)
        {
            return Errno.ENXIO;
        }

        using (_lock.Enter())
        {
            _isPeriodic = on;
            return Errno.Ok;
        }
    }

    /// <summary>Interrupts on. Any context but NMI.</summary>
    /// <returns>EIO: there is no rate or no line. EBUSY: they are on.</returns>
    public Errno Start()
    {
        using (_lock.Enter())
        {
            if (_period == 0 || !HasLine)
            {
                return Errno.EIO;
            }

            if (_isOn)
            {
                return Errno.EBUSY;
            }

            _isOn = true;
            HpetTimerFlags flags = HpetTimerFlags.Is32Bit | (_isLevel ? HpetTimerFlags.Level : 0);
            _registers.TakeStatus(Number);
            if (_isPeriodic)
            {
                flags |= HpetTimerFlags.Periodic;
                _registers.Write(Number, flags | HpetTimerFlags.SetsValue, _line);
                _registers.SetComparator(Number, _registers.Now + _period);
                _registers.SetComparator(Number, _period);
                _registers.Write(Number, flags | HpetTimerFlags.Enabled, _line);
                return Errno.Ok;
            }

            _registers.Write(Number, flags | HpetTimerFlags.Enabled, _line);
            _target = _registers.Now;
            Arm();
            return Errno.Ok;
        }
    }

    /// <summary>Interrupts off. Any context but NMI.</summary>
    public void Stop()
    {
        using (_lock.Enter())
        {
            _isOn = false;
            _registers.Write(Number, HpetTimerFlags.None);
            _registers.TakeStatus(Number);
        }

        Queue.WakeAll(PollEvents.Readable);
    }

    /// <summary>Takes the interrupts since the last time; 0 for none. Any context but NMI.</summary>
    public ulong TakeEvents()
    {
        using (_lock.Enter())
        {
            ulong events = _events;
            _events = 0;
            return events;
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        bool isDue;
        using (_lock.Enter())
        {
            bool isMine = _registers.TakeStatus(Number);
            if (!_isOn || (_isLevel && !isMine))
            {
                return isMine;
            }

            // A comparator of 32 bits may also interrupt when the counter begins again at 0.
            isDue = _isPeriodic || (int)(_registers.Now - _target) >= 0;
            if (isDue)
            {
                _events++;
                if (!_isPeriodic)
                {
                    Arm();
                }
            }
        }

        if (isDue)
        {
            Queue.Wake(PollEvents.Readable);
        }

        return isDue || _isLevel;
    }

    [RequiresLock(nameof(_lock))]
    private void Arm() => HpetRaster.Arm(new Comparator(_registers, Number), ref _target, _period, ref _margin);

    private readonly struct Comparator(HpetRegisters registers, int timer) : IHpetComparator
    {
        public uint Now => registers.Now;

        public void Set(uint value) => registers.SetComparator(timer, value);
    }
}
