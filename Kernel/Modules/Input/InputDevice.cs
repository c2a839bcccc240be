using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Modules.Input;

/// <summary>
/// A device that reports keys, movements or switches, and may have lights and sounds. A driver derives from it, says with <see cref="Allow(ushort, ushort)"/> what the device can report, adds it
/// (<see cref="InputContext.AddInputDevice"/>), and reports. What is not allowed or changes nothing is dropped here, so drivers report states as they come.
/// <para>Reporting and sending: any context but NMI; nothing allocates. The other members: as they say.</para>
/// </summary>
public abstract partial class InputDevice
{
    private const int PacketLength = 64;

    // Both of Linux's defaults, for devices that do not repeat themselves.
    private const int DefaultDelay = 250;
    private const int DefaultPeriod = 33;
    private const ulong Millisecond = 1_000_000;

    private readonly RepeatTimer _timer;
    private IrqSpinLock _lock = new(LockClass.InputDevice);

    [Immutable]
    private readonly InputBits?[] _allowed = new InputBits?[InputEventType.Count];

    [Immutable]
    private readonly AbsoluteAxis[] _axes = new AbsoluteAxis[InputEventType.CodesOf(InputEventType.Absolute)];

    [GuardedBy(nameof(_lock))]
    private readonly int[] _positions = new int[InputEventType.CodesOf(InputEventType.Absolute)];

    [GuardedBy(nameof(_lock))]
    private readonly InputBits _keys = new(InputEventType.CodesOf(InputEventType.Key));

    [GuardedBy(nameof(_lock))]
    private readonly InputBits _switches = new(InputEventType.CodesOf(InputEventType.Switch));

    [GuardedBy(nameof(_lock))]
    private readonly InputBits _lights = new(InputEventType.CodesOf(InputEventType.Light));

    [GuardedBy(nameof(_lock))]
    private readonly InputBits _sounds = new(InputEventType.CodesOf(InputEventType.Sound));

    [GuardedBy(nameof(_lock))]
    private readonly InputEvent[] _packet = new InputEvent[PacketLength];

    [GuardedBy(nameof(_lock))]
    private int _packetLength;

    // Replaced as a whole by the input core.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private InputHandle[] _handles = [];

    [GuardedBy(nameof(_lock))]
    private InputHandle? _grab;

    [GuardedBy(nameof(_lock))]
    private int _repeatedKey;

    [GuardedBy(nameof(_lock))]
    private bool _isOpen;

    [GuardedBy(nameof(_lock))]
    private int _repeatDelay = DefaultDelay;

    [GuardedBy(nameof(_lock))]
    private int _repeatPeriod = DefaultPeriod;

    /// <summary>Makes a device that can report nothing yet. Task context.</summary>
    /// <param name="name">For people, such as <c>Power Button</c>.</param>
    /// <param name="physicalPath">Where it is, such as <c>isa0060/serio0/input0</c>.</param>
    /// <param name="identity">What it is.</param>
    protected InputDevice(string name, string physicalPath, InputIdentity identity)
    {
        Name = name;
        PhysicalPath = physicalPath;
        Identity = identity;
        var types = new InputBits(InputEventType.CodesOf(InputEventType.Synchronization));
        types.Set(InputEventType.Synchronization, true);
        _allowed[InputEventType.Synchronization] = types;
        _timer = new RepeatTimer(this);
    }

    /// <summary>Name for people (EVIOCGNAME).</summary>
    public string Name { get; }

    /// <summary>Where it is (EVIOCGPHYS).</summary>
    public string PhysicalPath { get; }

    /// <summary>What tells it from others of its kind (EVIOCGUNIQ); empty when nothing does.</summary>
    [Immutable]
    public string UniqueName { get; init; } = "";

    /// <summary>What it is (EVIOCGID).</summary>
    public InputIdentity Identity { get; }

    /// <summary>INPUT_PROP_* of the device, bit by bit (EVIOCGPROP).</summary>
    [Immutable]
    public ulong Properties { get; init; }

    /// <summary>The device repeats held keys itself, by reporting value 2; otherwise the input core does it when EV_REP is allowed.</summary>
    [Immutable]
    public bool RepeatsItself { get; init; }

    /// <summary>The number N of <c>inputN</c>, given when it is added; -1 before.</summary>
    [Protocol("Written once, under the input core's lock, before any handler sees the device.")]
    public int Number { get; private set; } = -1;

    /// <summary>Who takes its events. Any context; outdated at once.</summary>
    public ReadOnlySpan<InputHandle> Handles => Volatile.Read(ref _handles);

    /// <summary>Somebody waits for this device's events (<see cref="InputHandle.HasListener"/>). Any context; outdated at once.</summary>
    public bool HasListener
    {
        get
        {
            foreach (InputHandle handle in Handles)
            {
                if (handle.HasListener)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Says that the device can report a code. Before it is added.</summary>
    /// <param name="type">One of <see cref="InputEventType"/>.</param>
    /// <param name="code">A code of that type.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such type or code.</exception>
    [BeforePublication]
    public void Allow(ushort type, ushort code)
    {
        int codes = InputEventType.CodesOf(type);
        if (code >= codes)
        {
            throw new ArgumentOutOfRangeException(nameof(code), $"input event type {type} has {codes} codes, not {code}");
        }

        InputBits bits = _allowed[type] ??= new InputBits(codes);
        bits.Set(code, true);
        _allowed[InputEventType.Synchronization]!.Set(type, true);
    }

    /// <summary>Says that the device can report codes. Before it is added.</summary>
    /// <param name="type">One of <see cref="InputEventType"/>.</param>
    /// <param name="codes">Codes of that type.</param>
    [BeforePublication]
    public void Allow(ushort type, ReadOnlySpan<ushort> codes)
    {
        foreach (ushort code in codes)
        {
            Allow(type, code);
        }
    }

    /// <summary>Says that the device has an absolute axis. Before it is added.</summary>
    [BeforePublication]
    public void Allow(ushort axis, AbsoluteAxis range)
    {
        Allow(InputEventType.Absolute, axis);
        _axes[axis] = range;
    }

    /// <summary>Whether the device can report a code. Any context.</summary>
    [NoAllocation]
    public bool Allows(int type, int code) => (uint)type < InputEventType.Count && _allowed[type] is { } bits && bits.Has(code);

    /// <summary>What it can report of a type; null for nothing. Type 0 has the types. Any context.</summary>
    [NoAllocation]
    [SuppressMessage("Locking", "CKL003", Justification = "The bitmaps do not change once the device was added.")]
    public InputBits? AllowedOf(int type) => (uint)type < InputEventType.Count ? _allowed[type] : null;

    /// <summary>The range of an absolute axis, and where it is. Any context but NMI.</summary>
    [NoAllocation]
    public AbsoluteAxis GetAxis(int axis, out int position)
    {
        using (_lock.Enter())
        {
            position = _positions[axis];
            return _axes[axis];
        }
    }

    /// <summary>Copies which keys are down, switches on, lights on or sounds sounding (EVIOCGKEY, EVIOCGSW, EVIOCGLED, EVIOCGSND), as much as there is room for. Any context but NMI.</summary>
    /// <param name="type">Key, switch, light or sound.</param>
    /// <param name="bytes">Where to.</param>
    /// <returns>Bytes written; 0 for another type.</returns>
    [NoAllocation]
    public int CopyState(int type, Span<byte> bytes)
    {
        using (_lock.Enter())
        {
            return StateOf(type)?.CopyTo(bytes) ?? 0;
        }
    }

    /// <summary>Whether a key is down, a switch or a light is on. Any context but NMI.</summary>
    [NoAllocation]
    public bool IsSet(int type, int code)
    {
        using (_lock.Enter())
        {
            return StateOf(type)?.Has(code) ?? false;
        }
    }

    /// <summary>How held keys repeat: milliseconds until the first repetition, and between two. Any context but NMI.</summary>
    public (int Delay, int Period) RepeatRate
    {
        [NoAllocation]
        get
        {
            using (_lock.Enter())
            {
                return (_repeatDelay, _repeatPeriod);
            }
        }
    }

    /// <summary>
    /// The device shall do something: switch a light, make a sound, change how it repeats. With the device's lock held and interrupts off, allocating and throwing nothing. Default: nothing.
    /// </summary>
    /// <param name="output">Type, code and value; allowed, and a change.</param>
    [InterruptContext]
    protected virtual void OnOutput(InputEvent output)
    {
    }

    internal void Open(int number)
    {
        Number = number;
        using (_lock.Enter())
        {
            _isOpen = true;
        }
    }

    // By the input core, with its lock held.
    [MightSleep]
    internal void Connect(InputHandler handler)
    {
        if (handler.Connect(this) is not { } handle)
        {
            return;
        }

        handle.Handler = handler;
        InputHandle[] handles = [.. Handles, handle];
        using (_lock.Enter())
        {
            Volatile.Write(ref _handles, handles);
        }
    }

    // By the input core, with its lock held.
    [MightSleep]
    internal void Disconnect(InputHandler handler)
    {
        foreach (InputHandle handle in Handles)
        {
            if (handle.Handler == handler)
            {
                Disconnect(handle);
            }
        }
    }

    // By the input core, with its lock held.
    [MightSleep]
    internal void Close()
    {
        ReleaseKeys();
        using (_lock.Enter())
        {
            _isOpen = false;
        }

        _timer.CancelAndWait();
        foreach (InputHandle handle in Handles)
        {
            Disconnect(handle);
        }
    }

    [MightSleep]
    private void Disconnect(InputHandle handle)
    {
        InputHandle[] handles = Array.FindAll(Volatile.Read(ref _handles), other => other != handle);
        using (_lock.Enter())
        {
            // Who receives does so with the lock held: from here on nobody calls the handle.
            Volatile.Write(ref _handles, handles);
            _grab = _grab == handle ? null : _grab;
        }

        handle.Handler!.Disconnect(handle);
    }

    [NoAllocation]
    internal bool TryGrab(InputHandle handle)
    {
        using (_lock.Enter())
        {
            if (_grab is not null)
            {
                return _grab == handle;
            }

            _grab = handle;
            return true;
        }
    }

    [NoAllocation]
    internal void Ungrab(InputHandle handle)
    {
        using (_lock.Enter())
        {
            _grab = _grab == handle ? null : _grab;
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private InputBits? StateOf(int type) => type switch
    {
        InputEventType.Key => _keys,
        InputEventType.Switch => _switches,
        InputEventType.Light => _lights,
        InputEventType.Sound => _sounds,
        _ => null,
    };

    private sealed class RepeatTimer(InputDevice device) : KernelTimer
    {
        protected override void OnExpired(ulong now) => device.RepeatKey(now);
    }
}
